import { OrchestratorError } from '../../core/model/error.ts';
import type { TreeEntry } from '../../core/ports/repository.ts';
import { fields } from './git.ts';
import type { Place } from './place.ts';

/** Above this many paths it is cheaper to list the whole tree than to name them on a command line. */
const NAMED_AT_MOST = 100;
const LINE_END = 10;
const LINK = '120000';
const SUBMODULE = '160000';
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
  const found = await listed(place, treeish, paths, signal);
  return contentsOf(
    place,
    found.filter(({ mode }) => mode.startsWith('100')),
    signal,
  );
}

/** See the port. */
export async function entries(
  place: Place,
  treeish: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, TreeEntry>> {
  const found = await listed(place, treeish, paths, signal);
  const targets = await contentsOf(
    place,
    found.filter(({ mode }) => mode === LINK),
    signal,
  );
  return new Map(
    found.map(({ path, mode, object, bytes }) => {
      const target = targets.get(path);
      const kind = mode === LINK ? 'link' : mode === SUBMODULE ? 'submodule' : 'file';
      return [path, { kind, object, bytes, target: target && Buffer.from(target).toString('utf8') }];
    }),
  );
}

async function contentsOf(
  place: Place,
  found: readonly Listed[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const contents = new Map<string, Uint8Array>();
  if (found.length === 0) return contents;
  const input = `${found.map(({ object }) => object).join('\n')}\n`;
  const { stdout } = await place.git(['cat-file', '--batch'], { signal, input });
  let at = 0;
  for (const { path, object } of found) {
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

interface Listed {
  readonly path: string;
  readonly mode: string;
  readonly object: string;
  readonly bytes: number;
}

async function listed(place: Place, treeish: string, paths: readonly string[], signal: AbortSignal): Promise<Listed[]> {
  const wanted = new Set(paths.filter((path) => IN_A_TREE.test(path)));
  if (wanted.size === 0) return [];
  const named = wanted.size <= NAMED_AT_MOST ? ['--', ...wanted] : [];
  const args = ['ls-tree', '-r', '-z', '--long', '--full-tree', treeish, ...named];
  const { stdout } = await place.git(args, { signal, before: ['--literal-pathspecs'] });
  return fields(stdout).flatMap((entry) => {
    const tab = entry.indexOf('\t');
    const [mode = '', , object = '', size = ''] = entry.slice(0, tab).split(/ +/);
    const path = entry.slice(tab + 1);
    return wanted.has(path) ? [{ path, mode, object, bytes: Number(size) || 0 }] : [];
  });
}
