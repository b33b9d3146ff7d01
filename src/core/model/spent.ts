import type { AttemptState, RunState } from './run.ts';
import { tokensOf } from './tokens.ts';

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

/** Whether an attempt was broken off for want of budget, so that the next one goes on with its work. */
export function isBrokenOff(attempt: AttemptState): boolean {
  return attempt.ended?.outcome === 'interrupted' && isSpent(attempt);
}

/**
 * The attempts whose work the next attempt at a subtask goes on with since only their budget ended them, the last one
 * first: with it they count as one. Those that came before a person had it tried again are none of them.
 */
export function brokenOff(
  run: RunState,
  { attempts, forgiven }: { readonly attempts: readonly string[]; readonly forgiven: number },
): AttemptState[] {
  const found: AttemptState[] = [];
  for (let index = attempts.length - 1; index >= forgiven; index -= 1) {
    const attempt = run.attempts.get(attempts[index] ?? '');
    if (!attempt || !isBrokenOff(attempt)) break;
    found.push(attempt);
    if (attempt.continues !== attempts[index - 1]) break;
  }
  return found;
}

const shown = (tokens: number): string => tokens.toLocaleString('en');
