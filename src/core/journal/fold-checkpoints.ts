import type { CheckpointRecord } from '../model/checkpoint.ts';
import type { EventOf, JournalRecord } from '../model/events.ts';
import type { MutableCheckpoint, MutableRun } from './mutable.ts';

/** Folds what an event says about the run's checkpoints; runs after the rest of the fold, so `run` is as it is then. */
export function foldCheckpoints(run: MutableRun, record: JournalRecord): void {
  const { event } = record;
  switch (event.type) {
    case 'checkpoint.opened': {
      const checkpoint = begin(run, event.checkpoint, 'step', event.title, record);
      checkpoint.parent = event.parent;
      checkpoint.of = event.steps ?? 1;
      checkpoint.data = event.data ?? NOTHING;
      checkpoint.commit = run.integrated;
      return;
    }
    case 'checkpoint.closed': {
      const { state, reason } = event;
      const closed = change(run, event.checkpoint, record, { state, reason, commit: run.integrated });
      if (closed && state === 'COMPLETED') closed.step = closed.of;
      return;
    }
    case 'attempt.launching':
    case 'attempt.carried':
      if (event.subtask !== null) startSubtask(run, event.subtask, event.attempt, record);
      if (event.type === 'attempt.carried') openTurn(run, event, event.session, record);
      return;
    case 'attempt.captured':
      openTurn(run, event, event.session, record);
      return;
    case 'attempt.validated': {
      const passed = event.verdict === 'passed';
      const step = run.checkpoints.get(turnId(event));
      if (!step || step.state === 'RESTORED') return;
      const reason = passed ? undefined : 'The checks did not pass.';
      change(run, step.id, record, { state: passed ? 'COMPLETED' : 'FAILED', reason, step: 2 });
      return;
    }
    case 'integration.merged':
      endSubtask(run, event.subtask, record, { state: mergedState(run, event), commit: event.commit });
      return;
    case 'subtask.failed':
      endSubtask(run, event.subtask, record, { state: 'FAILED', reason: event.reason });
      return;
    case 'run.ended':
      for (const { id, state } of run.checkpoints.values()) {
        if (state === 'ACTIVE') change(run, id, record, { state: 'FAILED', reason: event.detail });
      }
      return;
    default:
      return;
  }
}

type Place = Pick<CheckpointRecord, 'seq' | 'at'>;

const turnId = ({ attempt, turn }: { readonly attempt: string; readonly turn: number }): string => `${attempt}/${turn}`;

/** Shared by all that have none. */
const NOTHING: CheckpointRecord['data'] = {};

/** A new one in work, or in place of one that there was. One literal: there are many. */
function begin(
  run: MutableRun,
  id: string,
  kind: CheckpointRecord['kind'],
  title: string,
  { seq, at }: Place,
): MutableCheckpoint {
  const checkpoint: MutableCheckpoint = {
    id,
    kind,
    parent: '',
    title,
    state: 'ACTIVE',
    reason: undefined,
    seq,
    at,
    commit: undefined,
    session: undefined,
    step: 0,
    of: 1,
    merged: run.integrationOrder.length,
    data: NOTHING,
    worker: undefined,
  };
  run.checkpoints.set(id, checkpoint);
  return checkpoint;
}

type Change = Pick<MutableCheckpoint, 'state'> & Partial<Pick<MutableCheckpoint, 'reason' | 'step' | 'commit'>>;

/** The reason goes where the change has none: it told of the state before. */
function change(
  run: MutableRun,
  id: string,
  { seq, at }: Place,
  { state, reason, step, commit }: Change,
): MutableCheckpoint | undefined {
  const checkpoint = run.checkpoints.get(id);
  if (!checkpoint) return undefined;
  checkpoint.state = state;
  checkpoint.reason = reason;
  checkpoint.seq = seq;
  checkpoint.at = at;
  checkpoint.merged = run.integrationOrder.length;
  checkpoint.step = step ?? checkpoint.step;
  checkpoint.commit = commit ?? checkpoint.commit;
  return checkpoint;
}

/** A subtask has a checkpoint in the journal from its first attempt on. */
function startSubtask(run: MutableRun, id: string, worker: string | undefined, place: Place): void {
  const title = run.subtasks.get(id)?.subtask.title ?? id;
  const checkpoint = begin(run, id, 'subtask', title, place);
  checkpoint.of = SUBTASK_STEPS;
  checkpoint.worker = worker;
  checkpoint.commit = run.attempts.get(worker ?? '')?.base;
}

/** Work, check, merge. */
const SUBTASK_STEPS = 3;

function endSubtask(run: MutableRun, id: string, place: Place, next: Change): void {
  // It can fail before it has an attempt.
  if (!run.checkpoints.has(id)) startSubtask(run, id, undefined, place);
  const checkpoint = change(run, id, place, next);
  if (checkpoint && next.state !== 'FAILED') checkpoint.step = SUBTASK_STEPS;
}

function openTurn(
  run: MutableRun,
  event: EventOf<'attempt.captured'> | EventOf<'attempt.carried'>,
  session: CheckpointRecord['session'],
  place: Place,
): void {
  const subtask = run.attempts.get(event.attempt)?.subtask;
  if (subtask === null || subtask === undefined) return;
  const checkpoint = begin(run, turnId(event), 'step', `Turn ${event.turn}`, place);
  checkpoint.parent = subtask;
  if (event.type === 'attempt.carried' && event.why === 'restored') checkpoint.state = 'RESTORED';
  checkpoint.commit = event.commit;
  checkpoint.session = session;
  checkpoint.step = 1;
  checkpoint.of = 2;
  checkpoint.worker = event.attempt;
  const above = run.checkpoints.get(subtask);
  if (above) above.step = 1;
}

function mergedState(run: MutableRun, { attempt }: EventOf<'integration.merged'>): CheckpointRecord['state'] {
  return run.attempts.get(attempt)?.carried?.why === 'restored' ? 'RESTORED' : 'COMPLETED';
}
