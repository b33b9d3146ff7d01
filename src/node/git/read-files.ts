import { OrchestratorError } from '../../core/model/error.ts';
import { fields } from './git.ts';
import type { Place } from './place.ts';

/** Above this many paths it is cheaper to list the whole tree than to name them on a command line. */
const NAMED_AT_MOST = 100;
const LINE_END = 10;
/** Git fails on a path that leads out of the repository; such a path is simply not in the tree. */
const IN_A_TREE = /^(?!\/)(?!(.*\/)?\.{1,2}(\/|$))[^\0]+$/s;

/**
 * Contents of files in a commit or tree, by path, as git stores them. Missing paths, symbolic links and submodules are
 * left out. Two git commands however many files there are.
 */
export async function readFiles(
  place: Place,
  treeish: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const contents = new Map<string, Uint8Array>();
  const objects = await objectsOf(place, treeish, paths, signal);
  if (objects.size === 0) return contents;
  const input = `${[...objects.values()].join('\n')}\n`;
  const { stdout } = await place.git(['cat-file', '--batch'], { signal, input });
  let at = 0;
  for (const [path, object] of objects) {
    const end = stdout.indexOf(LINE_END, at);
    const size = /^\S+ blob (\d+)$/.exec(stdout.toString('latin1', at, end))?.[1];
    if (size === undefined) {
      throw new OrchestratorError('git-failed', `git cat-file could not read ${path} (${object}) in ${place.root}.`);
    }
    contents.set(path, stdout.subarray(end + 1, end + 1 + Number(size)));
    at = end + 1 + Number(size) + 1;
  }
  return contents;
}

async function objectsOf(
  place: Place,
  treeish: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const objects = new Map<string, string>();
  const wanted = new Set(paths.filter((path) => IN_A_TREE.test(path)));
  if (wanted.size === 0) return objects;
  const named = wanted.size <= NAMED_AT_MOST ? ['--', ...wanted] : [];
  const args = ['ls-tree', '-r', '-z', '--full-tree', treeish, ...named];
  const { stdout } = await place.git(args, { signal, before: ['--literal-pathspecs'] });
  for (const entry of fields(stdout)) {
    const tab = entry.indexOf('\t');
    const [mode, , object] = entry.slice(0, tab).split(' ');
    const path = entry.slice(tab + 1);
    if (object !== undefined && mode?.startsWith('100') && wanted.has(path)) objects.set(path, object);
  }
  return objects;
}
