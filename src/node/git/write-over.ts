import { changedFiles } from './changes.ts';
import { complaint, fields, line } from './git.ts';
import { halfway } from './halfway.ts';
import type { Place } from './place.ts';
import { withTemporaryIndex } from './temporary-index.ts';

/** Why the person's files could not be written, and what became of them. */
export interface WriteFailure {
  readonly reason: string;
  /** None was written; or what was written is taken back; or some is written still. */
  readonly files: 'untouched' | 'taken-back' | 'half-written';
}

/** For taking back: to be stopped in the middle of that would leave some files changed and others not. */
export const NEVER: AbortSignal = new AbortController().signal;

/** What git ends with where it fails, and what stands for its being killed: either may be in the middle of writing. */
export const FAILED: readonly number[] = [-1, 1, 2, 128];

/**
 * Writes what differs between the trees `from` and `to` over the person's files, which are as in the tree `now`. Their
 * index is neither read nor written. Git looks at every file before it writes the first one; where it fails after that,
 * what it has written is taken back.
 */
export async function writeOver(
  place: Place,
  now: string,
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<WriteFailure | undefined> {
  const { tree, lost } = await onto(place, now, from, to, signal);
  if (lost.length > 0) return { reason: standing(lost), files: 'untouched' };
  const reason = await move(place, now, tree, signal);
  return reason === undefined ? undefined : bringBack(place, now, tree, reason);
}

/**
 * Where git failed to bring the person's files from the tree `before` to the tree `target`: brings them back, unless
 * somebody else has changed one of them since.
 */
export async function bringBack(place: Place, before: string, target: string, reason: string): Promise<WriteFailure> {
  try {
    const { now, written, foreign } = await halfway(place, { from: before, to: target, isCutOff: true }, NEVER);
    if (written.length === 0) return { reason, files: 'untouched' };
    const { tree, lost } = await onto(place, now, target, before, NEVER);
    if (foreign.length + lost.length > 0) return { reason, files: 'half-written' };
    const isBack = (await move(place, now, tree, NEVER)) === undefined;
    return { reason, files: isBack ? 'taken-back' : 'half-written' };
  } catch {
    // What kept git from writing may keep us from looking. The first reason is what counts.
    return { reason, files: 'half-written' };
  }
}

/** What git says of a command that failed. */
export function reasonOf({ code, stderr }: { readonly code: number; readonly stderr: string }): string {
  return complaint(stderr) || (code === -1 ? 'it was killed' : `it ended with code ${code} and said nothing`);
}

/** Brings the person's files from the tree `now` to the tree `target`; resolves with why git could not. */
async function move(place: Place, now: string, target: string, signal: AbortSignal): Promise<string | undefined> {
  return withTemporaryIndex(place, async (index) => {
    const env = { GIT_INDEX_FILE: index };
    await place.git(['read-tree', now], { signal, env });
    await place.git(['update-index', '-q', '--refresh'], { signal, env, accept: [1] });
    const moved = await place.git(['read-tree', '-m', '-u', now, target], { signal: undefined, env, accept: FAILED });
    return moved.code === 0 ? undefined : reasonOf(moved);
  });
}

/** Where the person's files get to by `writeOver`. What they changed elsewhere since stays: it is on both sides. */
interface Target {
  readonly tree: string;
  /** Other files that would have to go, where a folder is to be a file or a file a folder. */
  readonly lost: readonly string[];
}

/** The tree `now` with the files that differ between `from` and `to` as they are in `to`. */
export async function onto(place: Place, now: string, from: string, to: string, signal: AbortSignal): Promise<Target> {
  const touched = new Set<string>();
  const tree = await withTemporaryIndex(place, async (index) => {
    const env = { GIT_INDEX_FILE: index };
    await place.git(['read-tree', now], { signal, env });
    const { stdout } = await place.git(['diff-tree', '-r', '-z', '--raw', '--no-renames', from, to], { signal });
    const parts = fields(stdout);
    const input: string[] = [];
    for (let at = 0; at + 1 < parts.length; at += 2) {
      const [, mode = '', , object = ''] = (parts[at] ?? '').slice(1).split(' ');
      const path = parts[at + 1] ?? '';
      touched.add(path);
      // Mode 0 removes the path.
      input.push(`${mode === '000000' ? '0' : mode} ${object}\t${path}\0`);
    }
    await place.git(['update-index', '-z', '--index-info'], { signal, env, input: input.join('') });
    return line(await place.git(['write-tree'], { signal, env }));
  });
  const changed = (await changedFiles(place, now, tree, signal)).map(({ path }) => path);
  return { tree, lost: changed.filter((path) => !touched.has(path)) };
}

/** As a reason. */
export function standing(paths: readonly string[]): string {
  const more = paths.length > 10 ? ` and ${paths.length - 10} more` : '';
  return `these files are in the way: ${paths.slice(0, 10).join(', ')}${more}.`;
}
