import { WORKTREE_SETTINGS } from './environment.ts';
import type { Git } from './git.ts';
import type { GitHistory } from './history.ts';
import type { RepositoryLocation } from './locate.ts';
import type { GitObjects } from './objects.ts';
import type { RefUpdates } from './ref-updates.ts';
import type { ObjectStore } from './store.ts';
import type { GitTrees } from './trees.ts';

/** What every part of the repository needs to know. All paths are real paths. */
export interface Place extends RepositoryLocation {
  /** Runs in `root`. */
  readonly git: Git;
  readonly objects: GitObjects;
  readonly store: ObjectStore;
  readonly trees: GitTrees;
  readonly history: GitHistory;
  readonly refs: RefUpdates;
  readonly worktreesDir: string;
  /** Slots whose files were exactly those of their last capture when they were snapshot, with its tree. */
  readonly exact: Map<string, string>;
}

/** Options that make git work on a folder as a working tree of the repository, whatever `.git` is in it. */
export function inside(place: Place, folder: string): readonly string[] {
  return [...WORKTREE_SETTINGS, `--git-dir=${place.commonDir}`, `--work-tree=${folder}`];
}
