import type { Transplant, TransplantOrder } from '../../core/ports/repository.ts';
import { changedFiles } from './changes.ts';
import { writeCommit } from './commit.ts';
import { mergeTrees } from './merge.ts';
import type { Place } from './place.ts';
import { setRef, treeOf } from './refs.ts';

/** See the port. */
export async function transplant(
  place: Place,
  { result, from, onto, ref, message }: TransplantOrder,
  signal: AbortSignal,
): Promise<Transplant> {
  const [old, ours, theirs] = await Promise.all([
    treeOf(place, from, signal),
    treeOf(place, onto, signal),
    treeOf(place, result, signal),
  ]);
  let tree = theirs;
  if (old !== ours) {
    // Both as children of what the result was made on, so that git finds that as the merge base.
    const [left, right] = await Promise.all(
      [ours, theirs].map((side) => writeCommit(place, { tree: side, parents: [from], message }, signal)),
    );
    const merged = await mergeTrees(place, left ?? '', right ?? '', signal);
    if (!merged.ok) return { ok: false, conflicts: merged.conflicts };
    tree = merged.tree;
  }
  const commit = await writeCommit(place, { tree, parents: [onto], message }, signal);
  await setRef(place, ref, commit, signal);
  return { ok: true, commit, tree, files: await changedFiles(place, onto, commit, signal) };
}
