import { mkdir, realpath } from 'node:fs/promises';
import type { GitRepository } from '../../core/ports/repository.ts';
import { prepareWorktree } from '../set-up/prepare.ts';
import { apply } from './apply.ts';
import { capture } from './capture.ts';
import { changedFiles, dirtyPaths } from './changes.ts';
import { runCommitHooks } from './commit-hooks.ts';
import { gitIn } from './git.ts';
import { GitHistory } from './history.ts';
import { listFiles } from './list-files.ts';
import { findRepository, type RepositoryLocation, requireCommit, requireVersion } from './locate.ts';
import { merge } from './merge.ts';
import { GitObjects } from './objects.ts';
import { planInPlace, snapshotFiles } from './person-files.ts';
import type { Place } from './place.ts';
import { planApply } from './plan-apply.ts';
import { entries, readFiles } from './read-files.ts';
import { RefUpdates } from './ref-updates.ts';
import { head, moveRef, readRef, treeOf } from './refs.ts';
import { changedSharedCode } from './shared-code.ts';
import { ObjectStore } from './store.ts';
import { transplant } from './transplant.ts';
import { GitTrees } from './trees.ts';
import { undo } from './undo.ts';
import { gitSlots } from './worktrees.ts';

export interface RepositoryOptions {
  /** Folder for worktrees and what is known about them, outside the working tree; made if missing. */
  readonly worktreesDir: string;
  readonly signal: AbortSignal;
  /** Where the repository is, if that is known. */
  readonly location?: RepositoryLocation;
  /** The parent's environment, of which only an allow-list reaches git; this process's when left out. */
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * Opens the repository a folder is in. Throws `not-a-repository`, `no-commits`, `git-missing`, `git-too-old` or
 * `git-failed`, each with what to do.
 */
export async function openRepository(folder: string, options: RepositoryOptions): Promise<GitRepository> {
  const { signal } = options;
  const environment = options.environment ?? process.env;
  const location = options.location ?? (await findRepository(folder, { signal, environment }));
  const git = gitIn(location.root, environment);
  // The version is what a person hears of first.
  const commit = requireCommit(git, location.root, signal);
  commit.catch(() => undefined);
  await requireVersion(git, signal);
  await commit;
  await mkdir(options.worktreesDir, { recursive: true, mode: 0o700 });
  const objects = new GitObjects(location.root, environment);
  const worktreesDir = await realpath(options.worktreesDir);
  const store = new ObjectStore(location.commonDir, git);
  const trees = new GitTrees(objects, store);
  const refs = new RefUpdates(location.root, environment, git);
  const place: Place = {
    ...location,
    git,
    objects,
    store,
    trees,
    refs,
    history: new GitHistory(objects),
    worktreesDir,
    exact: new Map(),
  };
  return {
    root: place.root,
    head: (signal) => head(place, signal),
    dirtyPaths: (signal) => dirtyPaths(place, 'all', signal),
    slots: gitSlots(place),
    prepareWorktree: (worktree, setUp, signal) => prepareWorktree(place, worktree, setUp, environment, signal),
    capture: (worktree, base, ref, message, signal) => capture(place, worktree, base, ref, message, signal),
    changedSharedCode: (slot, signal) => changedSharedCode(place, slot, signal),
    merge: (ours, theirs, message, signal) => merge(place, ours, theirs, message, signal),
    transplant: (order, signal) => transplant(place, order, signal),
    listFiles: (treeish, signal) => listFiles(place, treeish, signal),
    moveRef: (ref, next, old, signal) => moveRef(place, ref, next, old, signal),
    readRef: (ref, signal) => readRef(place, ref, signal),
    changedFiles: (from, to, signal) => changedFiles(place, from, to, signal),
    readFiles: (treeish, paths, signal) => readFiles(place, treeish, paths, signal),
    entries: (treeish, paths, signal) => entries(place, treeish, paths, signal),
    treeOf: (commit, signal) => treeOf(place, commit, signal),
    snapshotFiles: (ref, message, signal) => snapshotFiles(place, ref, message, signal),
    planInPlace: (result, snapshot, signal) => planInPlace(place, result, snapshot, signal),
    planApply: (result, base, message, signal) => planApply(place, result, base, message, signal),
    runCommitHooks: (worktree, plan, signal) => runCommitHooks(place, worktree, plan, environment, signal),
    apply: (plan, signal) => apply(place, plan, signal),
    undo: (application, signal) => undo(place, application, signal),
  };
}
