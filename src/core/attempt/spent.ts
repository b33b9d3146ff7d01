import type { AttemptState } from '../model/run.ts';
import { tokensOf } from '../model/tokens.ts';

/** Whether an attempt has used up its dollars or tokens, so that it gets no further turn. */
export function isSpent(attempt: AttemptState): boolean {
  return spentReason(attempt) !== undefined;
}

/** The budget that an attempt has used up, for a person. */
export function spentReason({ usage, budgetUsd, budgetTokens }: AttemptState): string | undefined {
  const tokens = tokensOf(usage);
  // An attempt of an old journal has no budget of tokens, one that was carried over has none at all.
  if (budgetTokens > 0 && tokens >= budgetTokens)
    return `It used up its budget of ${shown(budgetTokens)} tokens: ${shown(tokens)} are used.`;
  if (budgetUsd > 0 && usage.costUsd >= budgetUsd)
    return `It used up its budget of $${budgetUsd.toFixed(2)}: $${usage.costUsd.toFixed(2)} are spent.`;
  return undefined;
}

const shown = (tokens: number): string => tokens.toLocaleString('en');
