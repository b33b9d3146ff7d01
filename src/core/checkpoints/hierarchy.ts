import type { CheckpointData, CheckpointRecord, CheckpointState } from '../model/checkpoint.ts';
import type { RunState, RunStatus } from '../model/run.ts';

/** A checkpoint in its place below the run. */
export interface Checkpoint extends Omit<CheckpointRecord, 'kind' | 'step' | 'of' | 'merged'> {
  readonly kind: 'run' | 'subtask' | 'step';
  readonly progress: {
    /** Step `step` of `of`. */
    readonly step: number;
    readonly of: number;
    /** How much of the run's estimated time was merged then, in per cent. */
    readonly percent: number;
  };
}

/**
 * All checkpoints of a run, each after the one it lies in: the run, what was named in it, and each subtask with the
 * turns of its workers.
 */
export function hierarchy(run: RunState): Checkpoint[] {
  const percentAt = percents(run);
  const shown = ({ step, of, merged, ...rest }: CheckpointRecord): Checkpoint => ({
    ...rest,
    progress: { step, of, percent: percentAt(merged) },
  });
  const below = new Map<string, CheckpointRecord[]>();
  for (const record of run.checkpoints.values()) {
    const siblings = below.get(record.parent);
    if (siblings) siblings.push(record);
    else below.set(record.parent, [record]);
  }
  const withSteps = (checkpoint: Checkpoint): Checkpoint[] => [
    checkpoint,
    ...(below.get(checkpoint.id) ?? []).flatMap((step) => withSteps(shown(step))),
  ];
  const named = (below.get('') ?? []).filter(({ kind }) => kind === 'step');
  return [
    runCheckpoint(run, percentAt(run.integrationOrder.length)),
    ...named.flatMap((step) => withSteps(shown(step))),
    ...[...run.subtasks.values()].flatMap(({ subtask: { id, title } }) => {
      const known = run.checkpoints.get(id);
      return known?.kind === 'subtask' ? withSteps(shown(known)) : [planned(run, id, title)];
    }),
  ];
}

const RUN_STATES: Readonly<Record<RunStatus, CheckpointState>> = {
  planning: 'CREATED',
  'awaiting-approval': 'CREATED',
  running: 'ACTIVE',
  completed: 'COMPLETED',
  planned: 'COMPLETED',
  failed: 'FAILED',
  cancelled: 'FAILED',
};

function runCheckpoint(run: RunState, percent: number): Checkpoint {
  const state = RUN_STATES[run.status];
  return {
    id: '',
    kind: 'run',
    parent: '',
    title: run.plan?.title ?? run.task,
    state,
    reason: state === 'FAILED' ? run.detail : undefined,
    seq: run.lastSeq,
    at: run.endedAt ?? run.createdAt,
    commit: run.integrated,
    session: undefined,
    progress: { step: run.integrationOrder.length, of: run.subtasks.size, percent },
    data: dataOf(run),
    worker: undefined,
  };
}

function dataOf({ origin }: RunState): CheckpointData {
  return origin ? { restoredFrom: `${origin.run}/${origin.checkpoint}`, spentThereUsd: origin.costUsd } : {};
}

/** A subtask that has not begun: nothing of it is in the journal but the plan. */
function planned(run: RunState, id: string, title: string): Checkpoint {
  return {
    id,
    kind: 'subtask',
    parent: '',
    title,
    state: 'CREATED',
    reason: undefined,
    seq: 1,
    at: run.createdAt,
    commit: undefined,
    session: undefined,
    progress: { step: 0, of: 3, percent: 0 },
    data: {},
    worker: undefined,
  };
}

/** How many per cent of the estimated time are done after so many merges; without an estimate a subtask counts as the mean. */
function percents(run: RunState): (merged: number) => number {
  const estimates = [...run.subtasks.values()].flatMap(({ subtask }) => subtask.estimate?.seconds ?? []);
  const given = estimates.reduce((sum, seconds) => sum + seconds, 0);
  const mean = estimates.length > 0 ? given / estimates.length : 1;
  const total = given + mean * (run.subtasks.size - estimates.length);
  const done = [0];
  for (const id of run.integrationOrder)
    done.push((done.at(-1) ?? 0) + (run.subtasks.get(id)?.subtask.estimate?.seconds ?? mean));
  return (merged) => (total > 0 ? Math.round((1000 * (done[merged] ?? 0)) / total) / 10 : 0);
}
