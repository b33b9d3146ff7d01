import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { OrchestratorError } from '../../core/model/error.ts';
import { ALL_REFS, type Traces } from '../git/traces.ts';
import { acquireLock } from './lock.ts';
import { attemptIsAlive } from './observe.ts';
import type { StatePaths } from './paths.ts';

/** Everything that the product has made for a repository. */
export interface Belongings {
  /** Ids of runs. */
  readonly runs: readonly string[];
  readonly refs: readonly string[];
  /** Names of worktrees. */
  readonly worktrees: readonly string[];
  /** Absolute path of the folder with journals, attempts and worktrees. */
  readonly folder: string;
}

export async function belongings(paths: StatePaths, traces: Traces, signal: AbortSignal): Promise<Belongings> {
  const [refs, worktrees] = await Promise.all([traces.refs(ALL_REFS, signal), traces.worktrees(signal)]);
  return { runs: names(paths.runs), refs, worktrees, folder: paths.root };
}

/**
 * Removes one run: its refs, its worktrees and its folder with the journal. `attempts` are those its journal names.
 * Throws while a worker of it lives, and when another process works on the repository.
 */
export async function removeRun(
  paths: StatePaths,
  traces: Traces,
  order: { readonly run: string; readonly attempts: readonly string[]; readonly holder: string },
  signal: AbortSignal,
): Promise<void> {
  const { run } = order;
  const folder = join(paths.runs, run);
  const lock = acquireLock(paths.locks, order.holder);
  try {
    requireNoWorker(paths, [run]);
    const attempts = [...new Set([...order.attempts, ...names(join(folder, 'attempts'))])];
    const there = new Set(await traces.worktrees(signal));
    for (const attempt of attempts) if (there.has(attempt)) await traces.removeWorktree(attempt, signal);
    const prefixes = [`runs/${run}/`, ...attempts.map((attempt) => `snapshots/${attempt}/`)];
    const all = await traces.refs(ALL_REFS, signal);
    const own = all.filter((ref) => prefixes.some((prefix) => ref.startsWith(`${ALL_REFS}/${prefix}`)));
    await traces.removeRefs(own, signal);
    // Last: as long as the journal is there, this can be done again.
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  } finally {
    lock.release();
  }
}

/**
 * Removes everything but the folder of the lock; throws like `removeRun`. Resolves with what it was. The lock stays since
 * whoever waits for it may take it at any moment, and its numbers must not start again.
 */
export async function removeAll(
  paths: StatePaths,
  traces: Traces,
  holder: string,
  signal: AbortSignal,
): Promise<Belongings> {
  const lock = acquireLock(paths.locks, holder);
  try {
    const removed = await belongings(paths, traces, signal);
    requireNoWorker(paths, removed.runs);
    for (const worktree of removed.worktrees) await traces.removeWorktree(worktree, signal);
    await traces.removeRefs(removed.refs, signal);
    for (const name of names(paths.root)) {
      const path = join(paths.root, name);
      if (path !== paths.locks) await rm(path, { recursive: true, force: true, maxRetries: 3 });
    }
    return removed;
  } finally {
    lock.release();
  }
}

/** Throws `wrong-use` while a worker of one of the runs lives. */
export function requireNoWorker(paths: StatePaths, runs: readonly string[]): void {
  for (const run of runs) {
    const alive = names(join(paths.runs, run, 'attempts')).filter((attempt) => attemptIsAlive(paths, run, attempt));
    if (alive.length === 0) continue;
    throw new OrchestratorError(
      'wrong-use',
      `Nothing was changed: ${alive.length} workers of the run ${run} still run.`,
      {
        fix: 'Cancel the run first, or wait until they have ended.',
      },
    );
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
