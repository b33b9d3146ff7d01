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
 * first: with it they count as one. One that was lost before a turn of its own was captured is passed over, as the next
 * goes on with the same as that one. Those that came before a person had it tried again are none of them.
 */
export function brokenOff(
  run: RunState,
  { attempts, forgiven }: { readonly attempts: readonly string[]; readonly forgiven: number },
): AttemptState[] {
  const found: AttemptState[] = [];
  let index = attempts.length - 1;
  while (index >= forgiven) {
    const attempt = run.attempts.get(attempts[index] ?? '');
    if (!attempt) break;
    if (isBrokenOff(attempt)) found.push(attempt);
    else if (attempt.ended?.outcome !== 'interrupted' || attempt.captured) break;
    index = attempts.indexOf(attempt.continues ?? '');
  }
  return found;
}

const shown = (tokens: number): string => tokens.toLocaleString('en');
