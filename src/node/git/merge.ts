import { OrchestratorError } from '../../core/model/error.ts';
import type { Merge } from '../../core/ports/repository.ts';
import { writeCommit } from './commit.ts';
import { complaint, fields } from './git.ts';
import { mergeEntries } from './merge-entries.ts';
import { mergePaths, type TreeMerge } from './merge-paths.ts';
import type { Place } from './place.ts';
import { treeOf } from './refs.ts';

/** Merges two commits without a working tree. If one contains the other, that one is the result. */
export async function merge(
  place: Place,
  ours: string,
  theirs: string,
  message: string,
  signal: AbortSignal,
): Promise<Merge> {
  const base = (await place.history.mergeBase(ours, theirs, signal)) ?? (await mergeBase(place, ours, theirs, signal));
  if (base === ours || base === theirs) {
    const commit = base === ours ? theirs : ours;
    return { ok: true, commit, tree: await treeOf(place, commit, signal) };
  }
  const parents = [ours, theirs];
  if (base !== undefined) {
    const [before, left, right] = await Promise.all([base, ours, theirs].map((each) => treeOf(place, each, signal)));
    const easy = await mergeEntries(place.trees, before ?? '', left ?? '', right ?? '', signal);
    if (easy) {
      const { tree, written } = easy;
      return { ok: true, tree, commit: await writeCommit(place, { tree, parents, message }, signal, written) };
    }
  }
  const merged = await mergeTrees(place, ours, theirs, signal);
  const commit = await writeCommit(place, { tree: merged.tree, parents, message }, signal);
  return merged.ok ? { ok: true, commit, tree: merged.tree } : { ok: false, conflicts: merged.conflicts, commit };
}

/** One of the best common ancestors, if it is the only one. */
async function mergeBase(place: Place, ours: string, theirs: string, signal: AbortSignal): Promise<string | undefined> {
  const found = await place.git(['merge-base', '--all', ours, theirs], { signal, accept: [1] });
  const [base, ...others] = found.stdout.toString('latin1').split('\n').filter(Boolean);
  return others.length > 0 ? undefined : base;
}

/** What git says when it breaks off by itself: its version 2.39 does so where moved files and folders cross. */
const BROKEN_OFF = /Assertion .* failed|^BUG: /m;

/** The merged tree of two commits, or the paths in conflict. */
export async function mergeTrees(place: Place, ours: string, theirs: string, signal: AbortSignal): Promise<TreeMerge> {
  const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', ours, theirs];
  // -1: it was ended by a signal, its own or another's.
  const result = await place.git(args, { signal, accept: [1, -1] });
  if (result.code === -1) {
    if (BROKEN_OFF.test(result.stderr)) return mergePaths(place, ours, theirs, signal);
    throw new OrchestratorError('git-failed', `git merge-tree was ended: ${complaint(result.stderr)}`);
  }
  const [tree = '', ...conflicts] = fields(result.stdout);
  if (result.code === 0) return { ok: true, tree };
  return { ok: false, tree, conflicts: [...new Set(conflicts)].filter((path) => path !== '') };
}
