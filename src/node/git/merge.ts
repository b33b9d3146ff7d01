import type { Merge } from '../../core/ports/repository.ts';
import { writeCommit } from './commit.ts';
import { fields, line } from './git.ts';
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
  const base = await place.git(['merge-base', ours, theirs], { signal, accept: [1] });
  const contained = base.code === 0 ? line(base) : undefined;
  if (contained === ours || contained === theirs) {
    const commit = contained === ours ? theirs : ours;
    return { ok: true, commit, tree: await treeOf(place, commit, signal) };
  }
  const merged = await mergeTrees(place, ours, theirs, signal);
  const commit = await writeCommit(place, { tree: merged.tree, parents: [ours, theirs], message }, signal);
  return merged.ok ? { ok: true, commit, tree: merged.tree } : { ok: false, conflicts: merged.conflicts, commit };
}

/** The merged tree of two commits, or the paths in conflict. */
export async function mergeTrees(place: Place, ours: string, theirs: string, signal: AbortSignal): Promise<TreeMerge> {
  const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', ours, theirs];
  const result = await place.git(args, { signal, accept: [1] });
  const [tree = '', ...conflicts] = fields(result.stdout);
  if (result.code === 0) return { ok: true, tree };
  return { ok: false, tree, conflicts: [...new Set(conflicts)].filter((path) => path !== '') };
}
