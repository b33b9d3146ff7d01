import { NO_BUDGET } from './model/budget.ts';
import { countedFailures, lossesInARow } from './model/retries.ts';
import type { AttemptState, RunState, SubtaskState } from './model/run.ts';
import { isBrokenOff, spentReason } from './model/spent.ts';
import { reserve } from './scheduling/admission/budgets.ts';
import type { Conditions } from './scheduling/admission/check.ts';

/** What follows from an attempt without a result, for its subtask: another one as soon as may be, one after a while, or none. */
export type NextAttempt =
  | { readonly kind: 'again' }
  | { readonly kind: 'wait'; readonly failures: number }
  | { readonly kind: 'give-up'; readonly reason: string };

/**
 * Decides that from the journal alone, so that the next owner of the run decides the same. That a worker is lost is no
 * failure: the machine may have gone down. But where it happens again before a turn was over, with somebody there to see
 * it, something ends the workers of this subtask, and each such loss after the first counts like a failure.
 */
export function nextAttempt(run: RunState, state: SubtaskState, conditions: Conditions): NextAttempt {
  const attempts = state.attempts.flatMap((id) => run.attempts.get(id) ?? []);
  const counting = attempts.slice(state.forgiven);
  const last = attempts.at(-1);
  if (!last?.ended) return { kind: 'again' };
  const { outcome, detail, lost } = last.ended;
  const isUp = isBrokenOff(last) && isUsedUp(run, state, conditions);
  const losses = lost && !isUp ? lossesInARow(counting) : 0;
  if (outcome === 'interrupted' && losses < 2 && !isUp) return { kind: 'again' };
  const failures = countedFailures(counting) + Math.max(losses - 1, 0);
  const mayRetry = last.lastTurn?.failure !== 'auth' && (outcome === 'infrastructure' || losses > 1);
  if (mayRetry && failures <= run.settings.infrastructureRetries) return { kind: 'wait', failures };
  const told = detail || 'It failed.';
  if (losses > 1) return { kind: 'give-up', reason: lossesText(losses, last) };
  return { kind: 'give-up', reason: isUp ? withSpent(told, last) : told };
}

/** Whether there is no budget left to go on with what a budget broke off, whatever comes back. */
function isUsedUp(run: RunState, state: SubtaskState, conditions: Conditions): boolean {
  const reservation = reserve({ ...conditions, run, launching: 0, reserved: NO_BUDGET }, state);
  return !reservation.ok && reservation.isFinal;
}

/** What is told of a worker that was lost says nothing of the budget that keeps the next one from starting. */
function withSpent(told: string, last: AttemptState): string {
  const spent = spentReason(last);
  if (spent === undefined || told.includes(spent)) return told;
  return `${told} ${spent}${last.untold ? ' What its last turn used is an estimate.' : ''}`;
}

function lossesText(losses: number, { activity }: AttemptState): string {
  const seen = activity === undefined ? '' : ` The last that was seen of it: ${activity}`;
  return `Something on this machine ended its supervisor ${losses} times in a row, each time before a turn of its worker was over, as a command does that ends all processes of one name.${seen}`;
}
