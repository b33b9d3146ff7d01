import { constants } from 'node:fs';
import { cp, lstat, readdir, readlink, realpath, symlink } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { OrchestratorError } from '../../core/model/error.ts';
import { isBelow, placeIn, refused } from './safe-place.ts';

/**
 * Copies a folder of the person's into the worktree, without using space where the disk can share blocks. One that is
 * not there is left out. Throws `setup-failed` where a link in it leads back into the person's files: a worker's tests
 * would then load the originals instead of what it changed.
 */
export async function copyFolder(root: string, worktree: string, path: string): Promise<boolean> {
  const places = await bothPlaces(root, worktree, path);
  if (!places) return false;
  // Relative links lead to the worktree's own files once they are copied.
  const link = await linkBack(places.from, root, (target) => isAbsolute(target));
  if (link !== undefined) throw leadsBack(path, link, 'Let the setup command make it instead.');
  await cp(places.from, places.to, {
    recursive: true,
    verbatimSymlinks: true,
    mode: constants.COPYFILE_FICLONE,
    preserveTimestamps: true,
    errorOnExist: true,
    force: false,
  });
  return true;
}

/**
 * Puts a link to a folder of the person's into the worktree. What a worker writes there is written in theirs. Throws
 * `setup-failed` where a link in it leads to the person's files outside of it, which is what workspaces look like.
 */
export async function linkFolder(root: string, worktree: string, path: string): Promise<boolean> {
  const places = await bothPlaces(root, worktree, path);
  if (!places) return false;
  const link = await linkBack(places.from, root, () => true);
  if (link !== undefined)
    throw leadsBack(path, link, 'Copy it (copyFolders) or let the setup command make it instead.');
  await symlink(places.from, places.to, 'junction');
  return true;
}

async function bothPlaces(
  root: string,
  worktree: string,
  path: string,
): Promise<{ readonly from: string; readonly to: string } | undefined> {
  const from = await placeIn(root, path, false);
  const found = await lstat(from).catch(() => undefined);
  if (!found) return undefined;
  if (!found.isDirectory()) throw refused(path, 'is no folder');
  const to = await placeIn(worktree, path, true);
  // Tracked files, or what a former set-up left.
  return (await lstat(to).catch(() => undefined)) ? undefined : { from, to };
}

/** Path of the first link below `folder` that leads into `root` but not into `folder` itself. */
async function linkBack(
  folder: string,
  root: string,
  counts: (target: string) => boolean,
): Promise<string | undefined> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    const target = await readlink(path);
    if (!counts(target)) continue;
    const leads = await realpath(path).catch(() => resolve(dirname(path), target));
    if (isBelow(leads, root) && !isBelow(leads, folder)) return path;
  }
  return undefined;
}

function leadsBack(path: string, link: string, fix: string): OrchestratorError {
  const message = `"${path}" was not put into the worktree: the link ${link} leads back to your own files.`;
  return new OrchestratorError('setup-failed', message, { fix });
}
