import type { ChangedFile } from '../../core/model/events.ts';
import { fields } from './git.ts';
import type { Place } from './place.ts';

const SUBMODULE = '160000';

/** A changed file and what kind of entry it has become; a rename is a deletion and an addition. */
interface Change extends ChangedFile {
  /** It was none before and points at another repository's commit now. */
  readonly newSubmodule: boolean;
}

/** What differs between two trees or commits, in git's order of paths. */
export async function changes(place: Place, from: string, to: string, signal: AbortSignal): Promise<Change[]> {
  const args = ['diff-tree', '-r', '-z', '--raw', '--no-renames', '--no-commit-id', '--ignore-submodules=none'];
  const parts = fields((await place.git([...args, from, to], { signal })).stdout);
  const found: Change[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [before, after, , , letter] = (parts[at] ?? '').slice(1).split(' ');
    const change = letter === 'A' ? 'added' : letter === 'D' ? 'deleted' : 'modified';
    found.push({ path: parts[at + 1] ?? '', change, newSubmodule: after === SUBMODULE && before !== SUBMODULE });
  }
  return found;
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
