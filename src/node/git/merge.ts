import type { Merge } from '../../core/ports/repository.ts';
import { writeCommit } from './commit.ts';
import { fields } from './git.ts';
import { mergeEntries } from './merge-entries.ts';
import type { Place } from './place.ts';
import { treeOf } from './refs.ts';

export type TreeMerge =
  | { readonly ok: true; readonly tree: string }
  /** `tree` has markers in the files that conflict. */
  | { readonly ok: false; readonly conflicts: readonly string[]; readonly tree: string };

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

/** The merged tree of two commits, or the paths in conflict. */
export async function mergeTrees(place: Place, ours: string, theirs: string, signal: AbortSignal): Promise<TreeMerge> {
  const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', ours, theirs];
  const result = await place.git(args, { signal, accept: [1] });
  const [tree = '', ...conflicts] = fields(result.stdout);
  if (result.code === 0) return { ok: true, tree };
  return { ok: false, tree, conflicts: [...new Set(conflicts)].filter((path) => path !== '') };
}
