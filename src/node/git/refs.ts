import { OrchestratorError } from '../../core/model/error.ts';
import type { HeadState } from '../../core/ports/repository.ts';
import { line } from './git.ts';
import type { Place } from './place.ts';

/** The commit and branch (short name) of the person's working tree. */
export async function head(place: Place, signal: AbortSignal): Promise<HeadState> {
  const [commit, branch] = await Promise.all([
    place.objects.find('HEAD^{commit}', signal),
    place.git(['symbolic-ref', '--quiet', 'HEAD'], { signal, accept: [1] }),
  ]);
  if (!commit)
    throw new OrchestratorError('git-failed', `git cat-file found no commit that HEAD is at in ${place.root}.`);
  return { commit: commit.id, branch: branch.code === 0 ? line(branch).replace(/^refs\/heads\//, '') : null };
}

/** Compare and swap: moves `ref` from `old` to `next`, or throws when it is elsewhere. */
export async function moveRef(
  place: Place,
  ref: string,
  next: string,
  old: string | null,
  signal: AbortSignal,
): Promise<void> {
  await place.refs.move(ref, next, old ?? '0'.repeat(next.length), signal);
}

/** Makes `ref` point at `commit`, wherever it was. */
export async function setRef(place: Place, ref: string, commit: string, signal: AbortSignal): Promise<void> {
  await place.refs.move(ref, commit, undefined, signal);
}

/** The object a full ref name (`refs/…`) points at. */
export async function readRef(place: Place, ref: string, signal: AbortSignal): Promise<string | undefined> {
  return (await place.objects.find(ref, signal))?.id;
}

/** The tree of a commit, or the tree itself. */
export async function treeOf(place: Place, treeish: string, signal: AbortSignal): Promise<string> {
  return place.trees.idOf(treeish, signal);
}
