import { resolve } from 'node:path';
import type { ChangedFile } from '../../core/model/event-fields.ts';
import { dirtyPaths } from './changes.ts';
import { fields, line } from './git.ts';
import { lyingAt } from './lying-at.ts';
import type { Place } from './place.ts';
import { copyIndex, withTemporaryIndex } from './temporary-index.ts';
import { caseFolding } from './tree-of-files.ts';

/** Why a merge can't be made at all now, with the paths in question; undefined: nothing is half done. */
export async function halfDone(
  place: Place,
  signal: AbortSignal,
): Promise<{ readonly message: string; readonly paths: readonly string[] } | undefined> {
  const unmerged = fields((await place.git(['ls-files', '--unmerged', '-z'], { signal })).stdout);
  const paths = [...new Set(unmerged.map((entry) => entry.slice(entry.indexOf('\t') + 1)))];
  if (paths.length > 0) return { message: 'The working tree has conflicts that are not resolved yet.', paths };
  for (const [ref, what] of [
    ['MERGE_HEAD', 'merge'],
    ['CHERRY_PICK_HEAD', 'cherry-pick'],
  ] as const) {
    if (await place.objects.find(ref, signal))
      return { message: `A ${what} is in progress: finish or abort it first.`, paths: [] };
  }
  return undefined;
}

/** Files of the person's working tree that the changes would overwrite: dirty, untracked or ignored ones. */
export async function inTheWay(
  place: Place,
  changed: readonly ChangedFile[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const [sameFile, dirty] = await Promise.all([caseFolding(place, signal), dirtyPaths(place, 'no', signal)]);
  const touched = new Set(changed.map(({ path }) => path));
  const gone = new Set(changed.filter(({ change }) => change === 'deleted').map(({ path }) => sameFile(path)));
  const found = new Set(dirty.filter((path) => touched.has(path)));
  for (const { path, change } of changed) {
    if (change !== 'added') continue;
    for (const { path: blocker } of await lyingAt(place.root, path)) {
      if (!gone.has(sameFile(blocker))) found.add(blocker);
    }
  }
  return [...found].sort();
}

/** What git itself says against changing the working tree from a commit to another one or a tree, tried on a copy of the index. */
export async function refusal(
  place: Place,
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<{ readonly stderr: string; readonly paths: readonly string[] } | undefined> {
  const index = line(await place.git(['rev-parse', '--git-path', 'index'], { signal }));
  return withTemporaryIndex(place, async (copy) => {
    await copyIndex(resolve(place.root, index), copy);
    const options = { signal, env: { GIT_INDEX_FILE: copy } };
    await place.git(['update-index', '-q', '--refresh'], { ...options, accept: [1] });
    const tried = await place.git(['read-tree', '-m', '-u', '--dry-run', from, to], { ...options, accept: [128] });
    if (tried.code === 0) return undefined;
    const paths = [...tried.stderr.matchAll(/^error: .*?'(.*)'/gm)].map((match) => match[1] ?? '');
    return { stderr: tried.stderr, paths };
  });
}
