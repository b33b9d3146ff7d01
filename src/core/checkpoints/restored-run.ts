import { RunFold } from '../journal/fold.ts';
import type { ArchivedSession } from '../model/checkpoint.ts';
import { OrchestratorError } from '../model/error.ts';
import type { EventOf, JournalRecord, RunEvent } from '../model/events.ts';
import type { AttemptState, RunState, SubtaskState } from '../model/run.ts';

export interface RestoredRun {
  /** All events that the new run begins with, to be written as one batch. */
  readonly events: readonly RunEvent[];
  /** The run at the checkpoint. */
  readonly source: RunState;
  /** Tip of what is merged. */
  readonly integrated: string;
  /** Results of subtasks that were in work; merged ones are reachable from the tip. Attempt of the new run → commit. */
  readonly kept: readonly { readonly attempt: string; readonly turn: number; readonly commit: string }[];
  /** Sessions that workers go on with. */
  readonly sessions: readonly ArchivedSession[];
}

/**
 * What a run begins with that goes on from another run right after the event `seq`: its plan with what a person pinned
 * and paused, what was merged by then with its results, and what the workers in work had left after their last turn, or
 * went on with before it. What had failed is open again. What was spent there does not count in the new run. Throws
 * `wrong-use` for a place before the plan was approved.
 *
 * @param source the other run's journal
 * @param checkpoint name of the place for people
 * @param attemptOf id of a new attempt at a subtask
 */
export function restoredRun(
  source: readonly JournalRecord[],
  { checkpoint, seq }: { readonly checkpoint: string; readonly seq: number },
  run: string,
  attemptOf: (subtask: string) => string,
): RestoredRun {
  const records = upTo(source, seq);
  const state = RunFold.of(records).state;
  if (!state.plan || !state.approved) {
    throw new OrchestratorError('wrong-use', `At ${state.id}/${checkpoint} no plan was approved yet.`, {
      fix: 'Start the task again instead.',
    });
  }
  const merges = new Map<string, EventOf<'integration.merged'>>();
  for (const { event } of records) if (event.type === 'integration.merged') merges.set(event.subtask, event);
  const merged = state.integrationOrder.flatMap((id) => mergedEvents(state, merges.get(id), attemptOf(id)));
  const open = [...state.subtasks.values()].flatMap((subtask) => inWork(state, subtask, attemptOf(subtask.subtask.id)));
  return {
    events: [...beginning(state, run, checkpoint, seq), ...merged, ...open],
    source: state,
    integrated: state.integrated,
    kept: open.map(({ attempt, turn, commit }) => ({ attempt, turn, commit })),
    sessions: open.flatMap(({ session }) => session ?? []),
  };
}

/** All records up to this one, and those of results that were merged together with it: their commit is one. */
function upTo(source: readonly JournalRecord[], seq: number): JournalRecord[] {
  let end = source.findIndex((record) => record.seq > seq);
  if (end < 0) return [...source];
  const commit = mergedIn(source[end - 1]);
  while (commit !== undefined && mergedIn(source[end]) === commit) end += 1;
  return source.slice(0, end);
}

const mergedIn = (record: JournalRecord | undefined): string | undefined =>
  record?.event.type === 'integration.merged' ? record.event.commit : undefined;

function beginning(state: RunState, run: string, checkpoint: string, seq: number): RunEvent[] {
  const { task, repository, branch, base, uncommitted, settings, plan } = state;
  if (!plan) return [];
  // What was spent before an earlier restore was spent as well.
  const costUsd = state.costUsd + (state.origin?.costUsd ?? 0);
  const skipped = [...state.subtasks.values()].filter(({ status }) => status === 'skipped');
  const paused = [...state.subtasks.values()].filter((subtask) => subtask.paused);
  const subtasks = [...state.subtasks.values()].map(({ subtask }) => subtask);
  const named = { checkpoint: '@plan', parent: '', title: 'Plan' };
  return [
    {
      ...{ type: 'run.created', run, task, repository, branch, base, settings },
      ...(uncommitted ? { uncommitted } : {}),
      origin: { run: state.id, checkpoint, seq, costUsd },
    },
    { type: 'checkpoint.opened', ...named },
    { type: 'plan.proposed', by: 'restore', plan: { ...plan, subtasks } },
    { type: 'plan.approved', by: 'person' },
    { type: 'checkpoint.closed', checkpoint: named.checkpoint, state: 'COMPLETED' },
    ...skipped.map(({ subtask }): RunEvent => ({ type: 'subtask.skipped', subtask: subtask.id })),
    ...[...state.pinned].map((subtask): RunEvent => ({ type: 'subtask.pinned', subtask })),
    ...paused.map(({ subtask }): RunEvent => ({ type: 'subtask.paused', subtask: subtask.id })),
    ...(state.paused ? [{ type: 'run.paused' } as const] : []),
  ];
}

function mergedEvents(state: RunState, merge: EventOf<'integration.merged'> | undefined, attempt: string): RunEvent[] {
  const before = merge && state.attempts.get(merge.attempt);
  if (!merge || !before?.captured) {
    throw new OrchestratorError('journal-damaged', `The journal of ${state.id} names a merged result that it lacks.`);
  }
  const { turn, commit } = before.captured;
  const detail = `It was accepted in the run ${state.id}.`;
  const { verdict, files, evidence } = before.validated ?? { verdict: 'passed', files: [], evidence: [] };
  const validated = { turn, commit, verdict, files: [...files], evidence: [...evidence] };
  return [
    carried(state, before, before.captured, attempt),
    { type: 'attempt.validated', attempt, ...validated },
    { type: 'attempt.ended', attempt, exitCode: null, outcome: 'accepted', detail },
    { ...merge, attempt },
  ];
}

/** What there is of a subtask in work; nothing of one that had failed or was given up. */
function inWork(state: RunState, subtask: SubtaskState, attempt: string): EventOf<'attempt.carried'>[] {
  const { status } = subtask;
  if (status === 'completed' || status === 'failed' || status === 'skipped') return [];
  const before = lastWork(state, subtask);
  return before?.captured ? [carried(state, before, before.captured, attempt)] : [];
}

/**
 * The attempt whose files there are to go on from: the last one, or where no turn of that was captured the one that it
 * went on with. That can be a result that came back: it is merged again, and comes back again. In place of a rejected
 * resolution it is the result that a person was asked about.
 */
function lastWork(state: RunState, { attempts, returned }: SubtaskState): AttemptState | undefined {
  let last = state.attempts.get(attempts.at(-1) ?? '');
  while (last && !last.captured && !isRejected(last)) last = state.attempts.get(last.continues ?? '');
  return last && !isRejected(last) ? last : state.attempts.get(returned?.attempt ?? '');
}

const isRejected = ({ ended }: AttemptState): boolean => ended?.outcome === 'rejected';

function carried(
  state: RunState,
  before: AttemptState,
  captured: NonNullable<AttemptState['captured']>,
  attempt: string,
): EventOf<'attempt.carried'> {
  const { turn, commit, tree, files, oversized } = captured;
  const session = state.checkpoints.get(`${before.id}/${turn}`)?.session;
  // Findings about this very turn are sent once more.
  const iterations = before.iterations - (before.sentBackTurn === turn ? 1 : 0);
  return {
    ...{ type: 'attempt.carried', attempt, subtask: before.subtask ?? '', number: 1, base: before.base },
    ...{ why: 'restored', from: { run: state.id, attempt: before.id }, turn, iterations, commit, tree },
    files: [...files],
    ...(session && { session }),
    // Else nobody would look for markers in them, and of many files there is no parser.
    ...(before.conflicts.length > 0 && { conflicts: [...before.conflicts] }),
    ...(before.turns === turn && before.lastTurn?.failure ? { unfinished: true } : {}),
    ...(oversized && { oversized: { ...oversized, files: [...oversized.files] } }),
  };
}
