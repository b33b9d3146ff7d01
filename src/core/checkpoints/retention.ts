import type { CheckpointRecord } from '../model/checkpoint.ts';
import { turnRef } from '../model/refs.ts';
import type { RunState } from '../model/run.ts';

export interface RetentionLimits {
  /** Checkpoints of runs that ended longer ago go, in days. */
  readonly days: number;
  /** Above this the oldest go sooner, in bytes of archived sessions. */
  readonly bytes: number;
}

/** What is kept on disk for one turn of a worker. */
export interface KeptTurn {
  readonly run: string;
  /** Id of its checkpoint. */
  readonly checkpoint: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Git ref of its files. */
  readonly ref: string;
  /** Name and size of its archived session; none was kept for some. */
  readonly archive: string | undefined;
  readonly bytes: number;
}

export interface Retention {
  readonly remove: readonly KeptTurn[];
  readonly keep: readonly KeptTurn[];
}

const DAY_MS = 86_400_000;

/**
 * What of all runs' checkpoints may go: files and sessions of turns, the oldest first. Never what a run needs that has
 * not ended, the results of a run that are not applied, what a run that goes on was restored from, and the last of each
 * run. What was merged stays in any case, and so does the journal.
 */
export function retention(runs: readonly RunState[], limits: RetentionLimits, now: number): Retention {
  const origins = new Set(
    runs.flatMap(({ endedAt, origin }) =>
      endedAt === undefined && origin ? [`${origin.run}/${origin.checkpoint}`] : [],
    ),
  );
  const keep: KeptTurn[] = [];
  const free: KeptTurn[] = [];
  for (const run of runs) {
    const turns = [...run.checkpoints.values()].filter(isTurn);
    const last = turns.reduce<CheckpointRecord | undefined>((a, b) => (a && a.seq > b.seq ? a : b), undefined);
    for (const turn of turns) {
      const needed = turn === last || isNeeded(run, turn) || origins.has(`${run.id}/${turn.id}`);
      (needed ? keep : free).push(kept(run.id, turn));
    }
  }
  free.sort((a, b) => a.at - b.at);
  let bytes = [...keep, ...free].reduce((sum, turn) => sum + turn.bytes, 0);
  const remove = free.filter((turn) => {
    const goes = turn.at < now - limits.days * DAY_MS || bytes > limits.bytes;
    if (goes) bytes -= turn.bytes;
    return goes;
  });
  const gone = new Set(remove);
  return { remove, keep: [...keep, ...free.filter((turn) => !gone.has(turn))] };
}

const isTurn = ({ kind, worker }: CheckpointRecord): boolean => kind === 'step' && worker !== undefined;

function isNeeded(run: RunState, { id, parent }: CheckpointRecord): boolean {
  if (run.endedAt === undefined) return true;
  const subtask = run.subtasks.get(parent);
  if (run.applied || subtask?.status !== 'completed') return false;
  const accepted = run.attempts.get(subtask.attempts.at(-1) ?? '');
  return accepted?.captured !== undefined && id === `${accepted.id}/${accepted.captured.turn}`;
}

function kept(run: string, { id, at, worker = '', session }: CheckpointRecord): KeptTurn {
  const turn = Number(id.slice(worker.length + 1));
  const ref = turnRef(run, worker, turn);
  return { run, checkpoint: id, at, ref, archive: session?.archive, bytes: session?.bytes ?? 0 };
}
