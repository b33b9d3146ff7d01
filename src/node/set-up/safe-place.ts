import { lstat, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OrchestratorError } from '../../core/model/error.ts';
import { tidyPath } from '../../core/model/relative-path.ts';

/**
 * Absolute path of `path` below `top`, with its parent folders made where `make` says so. Throws `setup-failed` where it
 * leads out of `top`, by dots or by a link on the way.
 */
export async function placeIn(top: string, path: string, make: boolean): Promise<string> {
  const parts = tidyPath(path).split('/');
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path) || parts.some((part) => part === '..' || part === '.git'))
    throw refused(path, 'leads out of the repository');
  let folder = top;
  for (const part of parts.slice(0, -1)) {
    folder = join(folder, part);
    const found = await lstat(folder).catch(() => undefined);
    if (found && !found.isDirectory()) throw refused(path, `goes through "${part}", which is a link or a file`);
    if (!found && make) await mkdir(folder);
  }
  return join(top, ...parts);
}

export function refused(path: string, why: string): OrchestratorError {
  return new OrchestratorError('setup-failed', `"${path}" was not put into the worktree: it ${why}.`, {
    fix: 'Correct the list that names it: .worktreeinclude, or the settings copyFolders and linkFolders.',
  });
}

/** Whether a path is below a folder, both absolute; the folder itself counts. */
export function isBelow(path: string, folder: string): boolean {
  let at = path;
  while (at !== folder && dirname(at) !== at) at = dirname(at);
  return at === folder;
}
