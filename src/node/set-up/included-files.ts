import { constants } from 'node:fs';
import { access, chmod, copyFile, lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { fields } from '../git/git.ts';
import type { Place } from '../git/place.ts';
import { placeIn } from './safe-place.ts';

/** Lists, as `.gitignore` does, which ignored files of the person's folder every worktree gets a copy of. */
const WORKTREE_INCLUDE = '.worktreeinclude';

/**
 * Paths of the person's files that go into every worktree: ignored by git, named by `.worktreeinclude`. Files only;
 * none behind a link.
 */
export async function includedFiles(place: Place, signal: AbortSignal): Promise<readonly string[]> {
  const list = join(place.root, WORKTREE_INCLUDE);
  // A link could make any file on the machine the list.
  if (!(await lstat(list).catch(() => undefined))?.isFile()) return [];
  const named = await place.git(['ls-files', '-z', '--others', '--ignored', `--exclude-from=${list}`], { signal });
  const paths = fields(named.stdout).filter((path) => !path.endsWith('/'));
  if (paths.length === 0) return [];
  const input = paths.map((path) => `./${path}\0`).join('');
  const ignored = await place.git(['check-ignore', '-z', '--stdin'], { signal, input, accept: [1] });
  return fields(ignored.stdout).map((path) => path.slice(2));
}

/** Copies them; readable by nobody but the owner, whatever they were. Those that the worktree has of its own stay. */
export async function copyIncluded(place: Place, worktree: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const from = await placeIn(place.root, path, false);
    const found = await lstat(from).catch(() => undefined);
    if (!found?.isFile()) continue;
    const to = await placeIn(worktree, path, true);
    const taken = await lstat(to).catch(() => undefined);
    if (taken) continue;
    await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await chmod(to, found.mode & 0o700);
    await access(to, constants.R_OK);
  }
}
