import type { CheckpointRecord } from '../model/checkpoint.ts';
import type { EventOf, JournalRecord } from '../model/events.ts';
import type { MutableCheckpoint, MutableRun } from './mutable.ts';

/** Folds what an event says about the run's checkpoints; runs after the rest of the fold, so `run` is as it is then. */
export function foldCheckpoints(run: MutableRun, { seq, at, event }: JournalRecord): void {
  const place = { seq, at };
  switch (event.type) {
    case 'checkpoint.opened':
      run.checkpoints.set(event.checkpoint, {
        ...begun(run, event.checkpoint, place),
        parent: event.parent,
        title: event.title,
        of: event.steps ?? 1,
        data: event.data ?? {},
        commit: run.integrated,
      });
      return;
    case 'checkpoint.closed':
      change(run, event.checkpoint, place, { state: event.state, reason: event.reason, commit: run.integrated });
      return;
    case 'attempt.launching':
    case 'attempt.carried':
      if (event.subtask !== null) startSubtask(run, event.subtask, event.attempt, place);
      if (event.type === 'attempt.carried') openTurn(run, event, event.session, place);
      return;
    case 'attempt.captured':
      openTurn(run, event, event.session, place);
      return;
    case 'attempt.validated': {
      const passed = event.verdict === 'passed';
      const step = run.checkpoints.get(turnId(event));
      if (!step || step.state === 'RESTORED') return;
      const reason = passed ? undefined : 'The checks did not pass.';
      change(run, step.id, place, { state: passed ? 'COMPLETED' : 'FAILED', reason, step: 2 });
      return;
    }
    case 'integration.merged':
      endSubtask(run, event.subtask, place, { state: mergedState(run, event), commit: event.commit });
      return;
    case 'subtask.failed':
      endSubtask(run, event.subtask, place, { state: 'FAILED', reason: event.reason });
      return;
    case 'run.ended':
      for (const { id, state } of run.checkpoints.values()) {
        if (state === 'ACTIVE') change(run, id, place, { state: 'FAILED', reason: event.detail });
      }
      return;
    default:
      return;
  }
}

type Place = Pick<CheckpointRecord, 'seq' | 'at'>;

const turnId = ({ attempt, turn }: { readonly attempt: string; readonly turn: number }): string => `${attempt}/${turn}`;

function begun(run: MutableRun, id: string, { seq, at }: Place): MutableCheckpoint {
  return {
    id,
    kind: 'step',
    parent: '',
    title: id,
    state: 'ACTIVE',
    reason: undefined,
    seq,
    at,
    commit: undefined,
    session: undefined,
    step: 0,
    of: 1,
    merged: run.integrationOrder.length,
    data: {},
    worker: undefined,
  };
}

function change(run: MutableRun, id: string, place: Place, next: Partial<MutableCheckpoint>): void {
  const checkpoint = run.checkpoints.get(id);
  if (checkpoint) Object.assign(checkpoint, place, { merged: run.integrationOrder.length }, next);
}

/** A subtask has a checkpoint in the journal from its first attempt on. */
function startSubtask(run: MutableRun, id: string, worker: string | undefined, place: Place): void {
  const title = run.subtasks.get(id)?.subtask.title ?? id;
  run.checkpoints.set(id, {
    ...begun(run, id, place),
    kind: 'subtask',
    title,
    of: SUBTASK_STEPS,
    worker,
    commit: run.attempts.get(worker ?? '')?.base,
  });
}

/** Work, check, merge. */
const SUBTASK_STEPS = 3;

function endSubtask(run: MutableRun, id: string, place: Place, next: Partial<MutableCheckpoint>): void {
  // It can fail before it has an attempt.
  if (!run.checkpoints.has(id)) startSubtask(run, id, undefined, place);
  change(run, id, place, next.state === 'FAILED' ? next : { ...next, step: SUBTASK_STEPS });
}

function openTurn(
  run: MutableRun,
  event: EventOf<'attempt.captured'> | EventOf<'attempt.carried'>,
  session: CheckpointRecord['session'],
  place: Place,
): void {
  const subtask = run.attempts.get(event.attempt)?.subtask;
  if (subtask === null || subtask === undefined) return;
  const id = turnId(event);
  const restored = event.type === 'attempt.carried' && event.why === 'restored';
  run.checkpoints.set(id, {
    ...begun(run, id, place),
    parent: subtask,
    title: `Turn ${event.turn}`,
    state: restored ? 'RESTORED' : 'ACTIVE',
    commit: event.commit,
    session,
    step: 1,
    of: 2,
    worker: event.attempt,
  });
  const above = run.checkpoints.get(subtask);
  if (above) above.step = 1;
}

function mergedState(run: MutableRun, { attempt }: EventOf<'integration.merged'>): CheckpointRecord['state'] {
  return run.attempts.get(attempt)?.carried?.why === 'restored' ? 'RESTORED' : 'COMPLETED';
}
