import { lstat, readFile, rm } from 'node:fs/promises';
import { OrchestratorError } from '../../core/model/error.ts';
import { changedFiles } from './changes.ts';
import { fileAt } from './lying-at.ts';
import type { Place } from './place.ts';
import { differing, treeOfFiles } from './tree-of-files.ts';

/** How far git has come with the person's files where it was to bring them from one tree to another. */
export interface Halfway {
  /** What differs between the two trees. */
  readonly paths: readonly string[];
  /** The tree of all files as they are. */
  readonly now: string;
  /** What is not as before: as it was to be, or the beginning of it. All that is in it is in one of the trees. */
  readonly written: readonly string[];
  /** What is none of that, so that it is the person's. */
  readonly foreign: readonly string[];
}

/** What git and the system say where the disk is full. */
const FULL = /no space left|out of diskspace|quota exceeded/i;

/** Where git was to bring the person's files. */
export interface Way {
  /** Trees or commits. */
  readonly from: string;
  readonly to: string;
  /** Git may have been ended, or have failed, on the way. Else what is half there is the person's doing. */
  readonly isCutOff: boolean;
}

/** Looks at the files between two trees. */
export async function halfway(place: Place, { from, to, isCutOff }: Way, signal: AbortSignal): Promise<Halfway> {
  const paths = (await changedFiles(place, from, to, signal)).map(({ path }) => path);
  const look = () => treeOfFiles(place, paths, signal);
  const now = await look().catch(async (error: unknown) => {
    if (!isCutOff || !FULL.test(String(error)) || !(await makeRoom(place, paths, from, to, signal))) throw error;
    return look();
  });
  const notAsBefore = await differing(place, paths, from, now, signal);
  const foreign = new Set<string>();
  for (const path of await differing(place, notAsBefore, to, now, signal)) {
    if (!isCutOff || !(await isBegun(place, [to, from], path, signal))) foreign.add(path);
  }
  return { paths, now, written: notAsBefore.filter((path) => !foreign.has(path)), foreign: [...foreign] };
}

/**
 * Whether git was ended, or failed, while it wrote the file of one of these trees: it removes the old one, then writes the
 * new one from its beginning on. Of the tree that it came from as well, for what was ended may have been the way back.
 */
async function isBegun(place: Place, trees: readonly string[], path: string, signal: AbortSignal): Promise<boolean> {
  const there = await lying(place, path);
  if (there === 'nothing') return true;
  if (there === 'no file') return false;
  for (const tree of trees) {
    const whole = await wholeFile(place, tree, path, signal);
    if (whole && isBeginning(there, whole)) return true;
  }
  return false;
}

/**
 * Removes the beginnings of files that git could not write to their ends: to look at the files takes some room itself.
 * Resolves with whether there was one. All that is in them is in `to`.
 */
async function makeRoom(
  place: Place,
  paths: readonly string[],
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<boolean> {
  let isMade = false;
  for (const path of paths) {
    const there = await lying(place, path);
    if (typeof there === 'string' || there.length === 0) continue;
    const whole = await wholeFile(place, to, path, signal);
    if (!whole || !isBeginning(there, whole)) continue;
    if ((await wholeFile(place, from, path, signal))?.equals(there)) continue;
    await rm(fileAt(place.root, path));
    isMade = true;
  }
  return isMade;
}

async function lying(place: Place, path: string): Promise<Buffer | 'nothing' | 'no file'> {
  const file = fileAt(place.root, path);
  const there = await lstat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (!there) return 'nothing';
  return there.isFile() ? readFile(file) : 'no file';
}

const isBeginning = (bytes: Buffer, whole: Buffer): boolean =>
  bytes.length < whole.length && bytes.equals(whole.subarray(0, bytes.length));

/** The file that a tree has at a path, as it is on the disk; undefined where it has none. */
async function wholeFile(place: Place, tree: string, path: string, signal: AbortSignal): Promise<Buffer | undefined> {
  const entry = (await place.trees.at(tree, [path], signal)).get(path);
  return entry?.mode.startsWith('100') ? onDisk(place, entry.id, path, signal) : undefined;
}

/** What git writes to the disk for an object at a path: filters and line ends have their part in it. */
async function onDisk(place: Place, id: string, path: string, signal: AbortSignal): Promise<Buffer> {
  const args = ['cat-file', '--batch=%(objectname)', '--filters', '-z'];
  const { code, stdout } = await place.git(args, { signal, input: `${id} ${path}\0`, accept: [128] });
  // After the line with its name, before a line end.
  if (code === 0) return stdout.subarray(stdout.indexOf('\n') + 1, -1);
  const found = await place.objects.read(id, signal);
  if (found) return found.content;
  throw new OrchestratorError('git-failed', `git cat-file could not read ${path} (${id}) in ${place.root}.`);
}
