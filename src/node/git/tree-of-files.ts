import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { changedFiles } from './changes.ts';
import { fields, line } from './git.ts';
import { lyingAt } from './lying-at.ts';
import type { Place } from './place.ts';
import { copyIndex, withTemporaryIndex } from './temporary-index.ts';

/**
 * The tree of the person's files as they are, untracked ones included and ignored ones not. What lies at `touched` paths, or
 * in the way there, is part of it though it is ignored: git would write over that. From a copy of their index, so that
 * what they hide from git stays hidden.
 */
export async function treeOfFiles(place: Place, touched: readonly string[], signal: AbortSignal): Promise<string> {
  const index = resolve(place.root, line(await place.git(['rev-parse', '--git-path', 'index'], { signal })));
  return withTemporaryIndex(place, async (copy) => {
    const env = { GIT_INDEX_FILE: copy };
    const before = ['-c', 'core.safecrlf=false', '-c', 'core.splitIndex=false'];
    if (existsSync(index)) await copyIndex(index, copy);
    else await place.git(['read-tree', 'HEAD'], { signal, env });
    await place.git(['add', '--update', '--', '.'], { signal, env, before });
    const others = await place.git(['ls-files', '--others', '--exclude-standard', '-z'], { signal, env });
    // A repository inside this one is not a part of it.
    const paths = fields(others.stdout).filter((path) => !path.endsWith('/'));
    const found = (await Promise.all(touched.map((path) => lyingAt(place.root, path)))).flat();
    const lying = found.flatMap(({ path, isStorable }) => (isStorable ? [path] : []));
    if (lying.length > 0) {
      const tracked = fields((await place.git(['ls-files', '-z'], { signal, env })).stdout);
      const sameFile = await caseFolding(place, signal);
      const known = new Set([...tracked, ...paths].map(sameFile));
      paths.push(...new Set(lying.filter((path) => !known.has(sameFile(path)))));
    }
    if (paths.length > 0) {
      const input = paths.map((path) => `${path}\0`).join('');
      await place.git(['update-index', '--add', '--remove', '-z', '--stdin'], { signal, env, before, input });
    }
    return line(await place.git(['write-tree'], { signal, env }));
  });
}

/** Those of the paths at which two trees or commits differ. */
export async function differing(
  place: Place,
  paths: readonly string[],
  one: string,
  other: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const found = new Set((await changedFiles(place, one, other, signal)).map(({ path }) => path));
  return paths.filter((path) => found.has(path));
}

/** Where the file system ignores case, a file is found under other names than its own. */
export async function caseFolding(place: Place, signal: AbortSignal): Promise<(path: string) => string> {
  const args = ['config', '--type=bool', '--get', 'core.ignoreCase'];
  const ignores = line(await place.git(args, { signal, accept: [1] })) === 'true';
  return ignores ? (path) => path.toLowerCase() : (path) => path;
}
