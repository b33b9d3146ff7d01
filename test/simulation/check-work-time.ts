import type { EventOf, JournalRecord } from '../../src/core/model/events.ts';
import type { RunState } from '../../src/core/model/run.ts';
import type { Truth } from './truth.ts';

const MINUTE = 60_000;

/** What the product can't tell from being kept waiting, for each time that an owner stood still, and a slow disk. */
const SLACK_MS = 2 * MINUTE;
/** Taking a run over takes a moment. */
const MOMENT_MS = 5_000;

/** What must hold for the working time when an event becomes part of the journal; `state` is the one before it. */
export function checkWorkTime(truth: Truth, state: RunState, record: JournalRecord, isFirstOfOwner: boolean): void {
  // By a wall clock that was set nobody can know.
  if (truth.jumpedAt !== Number.NEGATIVE_INFINITY) return;
  const { event, at } = record;
  const { workTime } = truth;
  workTime.pass(truth.now());
  const slackMs = SLACK_MS * (1 + workTime.stops);
  // One that stood still meanwhile may tell of that first, and what only the next owner found was recorded long ago.
  const isFresh = truth.ownedSince === truth.openedAt && truth.openedAt < truth.now();
  if (event.type === 'run.slept' && isFirstOfOwner && isFresh) checkAbsence(truth, state, event, at - workTime.lastAt);
  if (event.type === 'attempt.ended') {
    const { startedAt = at, sleptMs = 0 } = state.attempts.get(event.attempt) ?? {};
    const [counted, really] = [at - startedAt - sleptMs, workTime.attempt(event.attempt).ms];
    truth.must(counted <= really + slackMs, 'time-is-true', `${event.attempt} counts ${counted} of ${really} ms`);
  }
  if (event.type === 'run.ended')
    truth.must(
      state.workedMs <= workTime.runMs + slackMs,
      'time-is-true',
      `the run counts ${state.workedMs} of ${workTime.runMs} ms`,
    );
}

/** What a worker did while nobody drove the run is not passed over. */
function checkAbsence(truth: Truth, state: RunState, { ms, each = {} }: EventOf<'run.slept'>, gapMs: number): void {
  for (const { id, ended, budgetMs = 0 } of state.attempts.values()) {
    const slept = each[id] ?? ms;
    // What a lost one did nobody can tell.
    if (ended || !(truth.machine.live.has(id) || truth.machine.folders.get(id)?.exit)) continue;
    const worked = Math.min(truth.workTime.attempt(id).aloneMs, budgetMs);
    const most = gapMs - worked + MOMENT_MS;
    truth.must(slept <= most, 'time-is-true', `${id} worked ${worked} ms alone, and ${slept} of ${gapMs} are left out`);
    truth.must(ms <= slept, 'time-is-true', `the run leaves out ${ms} ms in which ${id} worked`);
  }
}
