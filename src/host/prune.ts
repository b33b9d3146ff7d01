import { type KeptTurn, type Retention, retention } from '../core/checkpoints/retention.ts';
import { uncancelled } from '../core/context.ts';
import { explain } from '../core/model/error.ts';
import type { RunSettings } from '../core/model/settings.ts';
import { openTraces, type Traces } from '../node/git/traces.ts';
import { acquireLock } from '../node/state/lock.ts';
import { writingState } from '../node/state/paths.ts';
import { brokenOff, type Prunable, prunable, prune } from '../node/state/prune.ts';
import { readRuns } from '../node/state/runs.ts';
import { systemClock } from '../node/system.ts';
import type { Opened } from './opened.ts';

export type Limits = Pick<RunSettings, 'checkpointDays' | 'checkpointMegabytes'>;

export interface Pruned extends Prunable {
  /** Turns whose files or session were still there. */
  readonly turns: readonly KeptTurn[];
  /** Of archived sessions, what is kept. */
  readonly keptBytes: number;
}

/** See `Host.pruneCheckpoints`. */
export async function pruneCheckpoints(
  opened: Opened,
  limits: Limits,
  dryRun: boolean,
  signal: AbortSignal,
): Promise<Pruned> {
  const { paths, options } = opened;
  const lock = writingState(paths.locks, () => acquireLock(paths.locks, options.holder));
  try {
    const known = readRuns(paths);
    const kept = retentionOf(known, limits);
    const { found, traces } = await look(opened, known, kept, signal);
    if (!dryRun) await prune(traces, found, signal);
    const refs = new Set(found.refs);
    return {
      ...found,
      turns: kept.remove.filter(({ ref }) => refs.has(ref)),
      keptBytes: kept.keep.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  } finally {
    lock.release();
  }
}

/** The same for who has the lock already; trouble with it is only logged. Costs nothing where there is nothing to do. */
export async function tidyCheckpoints(opened: Opened, known: Known, limits: Limits): Promise<void> {
  const { logger } = opened.options;
  try {
    const kept = retentionOf(known, limits);
    if (kept.remove.length === 0 && brokenOff(opened.paths, idsOf(known)).length === 0) return;
    const { found, traces } = await look(opened, known, kept, uncancelled());
    if (found.refs.length + found.paths.length === 0) return;
    await prune(traces, found, uncancelled());
    logger.info(`Old checkpoints went: ${found.refs.length} refs, ${found.paths.length} files.`);
  } catch (error) {
    logger.warn(`Old checkpoints could not be removed: ${explain(error)}`);
  }
}

type Known = ReturnType<typeof readRuns>;

const idsOf = ({ runs, unreadable }: Known): Set<string> => new Set([...runs, ...unreadable].map(({ id }) => id));

function retentionOf({ runs }: Known, { checkpointDays: days, checkpointMegabytes }: Limits): Retention {
  return retention(runs, { days, bytes: checkpointMegabytes * 1_000_000 }, systemClock.now());
}

async function look(
  { paths, repository, options }: Opened,
  known: Known,
  kept: Retention,
  signal: AbortSignal,
): Promise<{ readonly found: Prunable; readonly traces: Traces }> {
  const { worktrees: worktreesDir } = paths;
  const traces = await openTraces(repository.root, { worktreesDir, signal, environment: options.env });
  return { found: await prunable(paths, traces, kept, idsOf(known), signal), traces };
}
