import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fields, line } from './git.ts';
import type { Place } from './place.ts';
import { withTemporaryIndex } from './temporary-index.ts';

export type TreeMerge =
  | { readonly ok: true; readonly tree: string }
  /** `tree` has markers in the files that conflict. */
  | { readonly ok: false; readonly conflicts: readonly string[]; readonly tree: string };

/** What an unmerged path is on each of the three sides; undefined: it is not there. */
interface Sides {
  readonly path: string;
  base?: Blob;
  ours?: Blob;
  theirs?: Blob;
}

interface Blob {
  readonly mode: string;
  readonly id: string;
}

const SIDE = { 1: 'base', 2: 'ours', 3: 'theirs' } as const;
/** More conflicts in one file than that are counted as so many. */
const MOST_CONFLICTS = 127;

/**
 * Merges two commits path by path: no file is followed to where a side has moved it, so that more is in conflict than
 * has to be. For what git's own merge breaks off at.
 */
export async function mergePaths(place: Place, ours: string, theirs: string, signal: AbortSignal): Promise<TreeMerge> {
  const bases = await place.git(['merge-base', ours, theirs], { signal, accept: [1] });
  const base = line(bases) || line(await place.git(['mktree'], { signal, input: '' }));
  return withTemporaryIndex(place, async (index) => {
    const env = { GIT_INDEX_FILE: index };
    await place.git(['read-tree', '-i', '-m', '--aggressive', base, ours, theirs], { signal, env });
    const unmerged = sidesOf(fields((await place.git(['ls-files', '-u', '-z'], { signal, env })).stdout));
    const conflicts: string[] = [];
    const entries: string[] = [];
    for (const sides of unmerged) {
      const { blob, isWhole } = await mergeBlobs(place, sides, dirname(index), signal);
      if (!isWhole) conflicts.push(sides.path);
      // What is there only on the other side goes first: it makes room for a file of ours where it is a folder.
      if (sides.ours) entries.push(`${blob.mode} ${blob.id} 0\t${sides.path}`);
      else entries.unshift(`${blob.mode} ${blob.id} 0\t${sides.path}`);
    }
    const removals = unmerged.map(({ path }) => `0 ${'0'.repeat(ours.length)}\t${path}`);
    const input = [...removals, ...entries].map((each) => `${each}\0`).join('');
    if (input !== '') await place.git(['update-index', '-z', '--replace', '--index-info'], { signal, env, input });
    const tree = line(await place.git(['write-tree'], { signal, env }));
    return conflicts.length === 0 ? { ok: true, tree } : { ok: false, tree, conflicts };
  });
}

function sidesOf(listed: readonly string[]): Sides[] {
  const found = new Map<string, Sides>();
  for (const one of listed) {
    const [, mode = '', id = '', stage = '', path = ''] = /^(\d+) ([0-9a-f]+) ([123])\t(.*)$/s.exec(one) ?? [];
    const sides = found.get(path) ?? { path };
    sides[SIDE[Number(stage) as keyof typeof SIDE]] = { mode, id };
    found.set(path, sides);
  }
  return [...found.values()];
}

/** The file merged with markers where that can be done, or one of its sides. */
async function mergeBlobs(
  place: Place,
  { base, ours, theirs }: Sides,
  folder: string,
  signal: AbortSignal,
): Promise<{ readonly blob: Blob; readonly isWhole: boolean }> {
  const kept = ours ?? theirs ?? base;
  if (!kept) throw new Error('An unmerged path has no side.');
  if (!ours || !theirs || ![ours, theirs, base ?? ours].every(({ mode }) => mode.startsWith('100')))
    return { blob: kept, isWhole: false };
  const files: string[] = [];
  for (const [name, side] of [
    ['ours', ours],
    ['base', base],
    ['theirs', theirs],
  ] as const) {
    const file = join(folder, name);
    const object = side && (await place.objects.read(side.id, signal));
    await writeFile(file, object?.content ?? '', { mode: 0o600 });
    files.push(file);
  }
  const accept = Array.from({ length: 255 }, (_, code) => code + 1);
  const merged = await place.git(['merge-file', '-p', '-L', 'ours', '-L', 'base', '-L', 'theirs', ...files], {
    signal,
    accept,
  });
  // A file that is no text.
  if (merged.code > MOST_CONFLICTS) return { blob: kept, isWhole: false };
  const id = line(await place.git(['hash-object', '-w', '--stdin'], { signal, input: merged.stdout }));
  const mode = ours.mode === base?.mode ? theirs.mode : ours.mode;
  return { blob: { mode, id }, isWhole: merged.code === 0 };
}
