import type { AttemptExit } from '../../src/core/model/attempt-files.ts';
import type { EventOf } from '../../src/core/model/events.ts';
import type { AttemptState, RunState } from '../../src/core/model/run.ts';
import { isSpent } from './check-limits.ts';
import type { Truth } from './truth.ts';

/** The least wait before the first retry, in milliseconds: half a second, as its jitter goes. */
const LEAST_WAIT_MS = 500;
/** What is recorded is on disk so long after that at most. */
const SYNCED_MS = 60_000;

/** What must hold for the way in which an attempt ends, the planner's included. */
export function checkOutcome(truth: Truth, state: RunState, event: EventOf<'attempt.ended'>, at: number): void {
  const { exit, claim } = truth.machine.folders.get(event.attempt) ?? {};
  const attempt = state.attempts.get(event.attempt);
  const failure = attempt?.lastTurn?.failure ?? null;
  truth.endedAt.set(event.attempt, { now: truth.now(), at });
  if (event.outcome === 'accepted') {
    const isFailure = exit?.reason === 'exited' && exit.code !== 0;
    truth.must(!isFailure, 'accepted-after-success', `${event.attempt} ended with ${exit?.code} and is accepted`);
    truth.must(failure === null, 'accepted-after-success', `${event.attempt} is accepted and its turn failed`);
  }
  checkWhy(truth, state, event, exit);
  const isLost = exit === undefined && claim?.by === 'supervisor' && !claim.owner.alive;
  // Where a question can't be shown, its worker is ended for that, and only then lost.
  if (isLost && event.outcome === 'infrastructure' && !truth.given.nobodyCanBeAsked)
    truth.must(failure !== null, 'retries-as-allowed', `${event.attempt} was lost and counts as a failed one`);
}

/** A worker counts as lost under somebody's eyes just where it was. */
export function checkLost(truth: Truth, state: RunState, event: EventOf<'attempt.ended'>, epoch: number): void {
  const { lostAt, exit } = truth.machine.folders.get(event.attempt) ?? {};
  const told = `${event.attempt} ends ${event.outcome}${event.lost ? ', lost' : ''}`;
  const openedAt = truth.openings.get(epoch) ?? Number.POSITIVE_INFINITY;
  const mayBe = event.outcome === 'interrupted' && !exit && lostAt !== undefined && lostAt >= openedAt;
  truth.must(!event.lost || mayBe, 'retries-as-allowed', `${told}, and nobody looked on`);
  const attempt = state.attempts.get(event.attempt);
  // An owner that can't go on, or a person, ends workers itself.
  const isEnded = event.detail === 'The run could not go on.' || attempt?.ending || state.cancelling;
  const mustBe = mayBe && attempt?.subtask !== null && truth.launchers.get(event.attempt) === epoch && !isEnded;
  truth.must(!mustBe || event.lost === true, 'retries-as-allowed', `${told}, and was lost`);
}

/** How many of the last attempts were lost, one after the other before a turn had ended, after another one that was. */
export function repeatedLosses(attempts: readonly AttemptState[]): number {
  if (!attempts.at(-1)?.ended?.lost) return 0;
  const others = attempts.findLastIndex(({ ended, turns }) => ended?.outcome !== 'interrupted' || turns > 0);
  const lost = attempts.slice(others + 1).filter(({ ended }) => ended?.lost);
  return Math.max(0, lost.length - 1);
}

/** Whether an attempt's outcome is what happened to it. */
function checkWhy(
  truth: Truth,
  state: RunState,
  { attempt: id, outcome }: EventOf<'attempt.ended'>,
  exit: AttemptExit | undefined,
): void {
  const attempt = state.attempts.get(id);
  if (!attempt || truth.given.nobodyCanBeAsked) return;
  const failure = attempt.lastTurn?.failure ?? null;
  const isPassed = attempt.validated?.verdict === 'passed' && attempt.validated.turn === attempt.turns;
  const isGood = isPassed && failure === null && attempt.sentBackTurn !== attempt.turns;
  const isStopped = state.cancelling || attempt.ending;
  const told = `${id} ends ${outcome}`;
  if (outcome === 'cancelled') truth.must(isStopped, 'named-reason', `${told} and nobody ended it`);
  if (outcome === 'interrupted') {
    truth.must(!isGood, 'completed-once', `${told} though its result was good`);
    const isJudged = attempt.carried === undefined || attempt.validated !== undefined || failure !== null;
    truth.must(isJudged, 'completed-once', `${told} and nobody looked at its result`);
  }
  if (exit?.reason === 'deadline')
    truth.must(outcome === 'rejected' || isStopped, 'retries-as-allowed', `${told} though its time was over`);
  if (outcome !== 'infrastructure' || failure === 'api' || failure === 'auth') return;
  truth.must(failure === null || !isSpent(attempt), 'retries-as-allowed', `${told} though its budget was used up`);
  truth.must(exit?.reason !== 'cancelled', 'retries-as-allowed', `${told} though its owner ended it`);
}

/** What must hold when another attempt at the same is begun, the planner's included. */
export function checkNext(truth: Truth, state: RunState, event: EventOf<'attempt.launching'>, at: number): void {
  const all = [...state.attempts.values()].filter(({ subtask }) => subtask === event.subtask);
  // What was before a person had it retried does not count.
  const earlier = all.slice(state.subtasks.get(event.subtask ?? '')?.forgiven);
  const last = earlier.at(-1);
  if (event.subtask === null) {
    const planned = earlier.find(({ ended }) => ended?.outcome === 'accepted');
    truth.must(!planned, 'completed-once', `${event.attempt} plans again what ${planned?.id} has planned`);
  } else if (last?.ended?.outcome === 'infrastructure' || repeatedLosses(earlier) > 0) checkWait(truth, earlier, at);
}

/**
 * A failed attempt is followed by another after a while that doubles, unless the run's owner changed meanwhile or the
 * wall clock, by which it waits, has jumped.
 */
function checkWait(truth: Truth, earlier: readonly AttemptState[], at: number): void {
  const ended = truth.endedAt.get(earlier.at(-1)?.id ?? '');
  if (ended === undefined || truth.openedAt > ended.now || truth.jumpedAt >= ended.now - SYNCED_MS) return;
  const failures = earlier.filter((one) => countsAsFailure(truth, one)).length + repeatedLosses(earlier);
  const waited = at - ended.at;
  const least = LEAST_WAIT_MS * 2 ** Math.max(Math.min(failures, 3) - 1, 0);
  truth.must(waited >= least, 'retries-wait', `after ${failures} failures it waits ${Math.round(waited)} ms`);
}

/** What fails while the API answers nobody is no failure of the attempt. */
export const countsAsFailure = ({ outages }: Truth, { id, ended }: AttemptState): boolean =>
  ended?.outcome === 'infrastructure' && !outages.victims.has(id);
