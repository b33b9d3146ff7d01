import { join } from 'node:path';
import { fields } from './git.ts';
import { inside, type Place } from './place.ts';
import { withTemporaryIndex } from './temporary-index.ts';

/**
 * The files of a repository somebody made inside a worktree (a project generator that runs `git init`), with paths from
 * the top of the worktree. Git would take it for a submodule and record one commit nobody else has. Its own and the
 * worktree's ignore rules hold; nothing of its own configuration is read.
 */
export async function nestedFiles(
  place: Place,
  worktree: string,
  folder: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const paths = (await filesBelow(place, join(worktree, folder), signal)).map((path) => `${folder}${path}`);
  if (paths.length === 0) return [];
  const asked = await place.git(['check-ignore', '--no-index', '-z', '--stdin'], {
    signal,
    cwd: worktree,
    before: inside(place, worktree),
    // A name that starts with a colon would be taken for a pattern.
    input: paths.map((path) => `./${path}\0`).join(''),
    accept: [1],
  });
  const ignored = new Set(fields(asked.stdout).map((path) => path.slice(2)));
  return paths.filter((path) => !ignored.has(path));
}

async function filesBelow(place: Place, folder: string, signal: AbortSignal): Promise<readonly string[]> {
  const listed = await withTemporaryIndex(place, (index) =>
    place.git(['ls-files', '--others', '--exclude-standard', '-z'], {
      signal,
      cwd: folder,
      before: inside(place, folder),
      env: { GIT_INDEX_FILE: index },
    }),
  );
  const found: string[] = [];
  for (const path of fields(listed.stdout)) {
    if (!path.endsWith('/')) found.push(path);
    else found.push(...(await filesBelow(place, join(folder, path), signal)).map((inner) => `${path}${inner}`));
  }
  return found;
}
