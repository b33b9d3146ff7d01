import { tokensOf } from '../model/tokens.ts';
import type { Usage } from '../model/usage.ts';
import type { MutableAttempt, MutableRun } from './mutable.ts';
import { plus } from './session-usage.ts';

/*
 * What is committed is what is spent and what open attempts may still spend: their budgets when they are launched, more
 * where a turn passes them, and what they truly used once they have ended.
 */

/** An attempt begins: its budget is reserved, and the run is at work. `at` in milliseconds since 1970. */
export function reserve(run: MutableRun, { budgetUsd, budgetTokens }: MutableAttempt, at: number): void {
  run.committedUsd += budgetUsd;
  run.committedTokens += budgetTokens;
  if (run.openAttempts === 0) run.workingSince = at;
  run.openAttempts += 1;
}

/** The CLI says what the attempt has used so far. */
export function settle(run: MutableRun, attempt: MutableAttempt, usage: Usage): void {
  const { usage: before, budgetUsd, budgetTokens } = attempt;
  run.costUsd += usage.costUsd - before.costUsd;
  run.committedUsd += over(usage.costUsd, budgetUsd) - over(before.costUsd, budgetUsd);
  run.tokens += tokensOf(usage) - tokensOf(before);
  run.committedTokens += over(tokensOf(usage), budgetTokens) - over(tokensOf(before), budgetTokens);
  attempt.usage = usage;
}

/** An attempt that ends has used this besides, of which the CLI said nothing. */
export function settleUntold(run: MutableRun, attempt: MutableAttempt, untold: Usage): void {
  attempt.untold = untold;
  settle(run, attempt, plus(attempt.usage, untold));
}

/** An attempt ends for the first time: what it did not use comes back. */
export function giveBack(run: MutableRun, { budgetUsd, budgetTokens, usage }: MutableAttempt, at: number): void {
  run.committedUsd -= over(budgetUsd, usage.costUsd);
  run.committedTokens -= over(budgetTokens, tokensOf(usage));
  run.openAttempts -= 1;
  if (run.openAttempts > 0 || run.workingSince === undefined) return;
  // Clocks can be set back.
  run.workedMs += Math.max(0, at - run.workingSince);
  run.workingSince = undefined;
}

/**
 * So much of the wall clock's time was no working time; in milliseconds, less than none where the clock was set back.
 *
 * @param each attempt → how much it was of this one's time, where that is something else
 */
export function passOver(run: MutableRun, ms: number, each: Readonly<Record<string, number>> = {}): void {
  if (run.workingSince === undefined) return;
  run.workingSince += ms;
  for (const attempt of run.attempts.values()) if (!attempt.ended) attempt.sleptMs += each[attempt.id] ?? ms;
}

function over(amount: number, limit: number): number {
  return Math.max(amount - limit, 0);
}
