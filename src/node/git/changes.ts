import type { ChangedFile } from '../../core/model/event-fields.ts';
import { fields } from './git.ts';
import type { Place } from './place.ts';
import { SUBMODULE } from './trees.ts';

/** A changed file and what kind of entry it has become; a rename is a deletion and an addition. */
interface Change extends ChangedFile {
  /** It was none before and points at another repository's commit now. */
  readonly newSubmodule: boolean;
}

/** What differs between two trees or commits, in git's order of paths. */
export async function changes(place: Place, from: string, to: string, signal: AbortSignal): Promise<Change[]> {
  return (await place.trees.differences(from, to, signal)).map(({ path, before, after }) => ({
    path,
    change: before === '' ? 'added' : after === '' ? 'deleted' : 'modified',
    newSubmodule: after === SUBMODULE && before !== SUBMODULE,
  }));
}

/** As `changes`, as the journal records it. */
export async function changedFiles(
  place: Place,
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<readonly ChangedFile[]> {
  return (await changes(place, from, to, signal)).map(({ path, change }) => ({ path, change }));
}

/** Paths of the person's working tree with uncommitted changes, staged or not; with untracked files if asked. */
export async function dirtyPaths(
  place: Place,
  untracked: 'all' | 'no',
  signal: AbortSignal,
): Promise<readonly string[]> {
  const args = ['status', '--porcelain=v1', '-z', '--no-renames', '--ignore-submodules=dirty'];
  const result = await place.git([...args, `--untracked-files=${untracked}`], { signal });
  // An untracked nested repository is one entry that ends with a slash.
  return fields(result.stdout).map((entry) => entry.slice(3).replace(/\/$/, ''));
}
