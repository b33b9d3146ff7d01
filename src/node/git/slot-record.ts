import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { processIdentitySchema } from '../../core/model/attempt-files.ts';
import { OrchestratorError } from '../../core/model/error.ts';
import { isAlive, isSameProcess, ownIdentity } from '../process/identity.ts';
import { type SetUpResults, setUpResultsSchema } from './set-up-results.ts';
import { copyIndex } from './temporary-index.ts';

/**
 * What is known about a slot, kept beside the worktrees where neither a worker nor `git worktree prune` removes it.
 * Files: `base` (the commit the worktree was made of), `index` (as it was right after the checkout; missing while the
 * worktree is being made), `captured` and `captured-index` (tree and ref of the last capture, and its index), `holder`
 * (the process that made it), `folder` (while it is made of another slot: the name that one's folder has), `excluded`
 * (what a set-up put there, never part of a result) and `set-up` (what of a set-up can be used again).
 */
export interface SlotRecord {
  readonly base: string | undefined;
  /** Path of the index at `base`; undefined: the worktree was never finished. */
  readonly index: string | undefined;
  readonly captured: { readonly tree: string; readonly ref: string; readonly index: string | undefined } | undefined;
  readonly folder: string | undefined;
  /** Paths that are never captured; one that ends with "/" stands for all below. */
  readonly excluded: readonly string[];
}

const SLOT = /^[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$/;

/** Folder of the records, beside the worktrees. */
export const SLOT_RECORDS = '.slots';

const INDEX = 'index';
const CAPTURED_INDEX = 'captured-index';
const EXCLUDED = 'excluded';
const SET_UP = 'set-up';
/** What is known about the files of a slot as they are now. */
const OF_FORMER = [INDEX, 'captured', CAPTURED_INDEX, EXCLUDED, SET_UP, 'shared-code'];

/** Whether the name is safe as a folder and as a part of a ref. */
export const isSlotName = (name: string): boolean => SLOT.test(name) && !name.endsWith('.lock');

/** Throws unless the name is safe as a folder and as a part of a ref. */
export function requireSlotName(slot: string): void {
  if (isSlotName(slot)) return;
  throw new OrchestratorError(
    'wrong-use',
    `"${slot}" can't be the name of a worktree slot: use letters, digits, - and _.`,
  );
}

/** What is known about a slot. Small files that were just written: read at once, as waiting for them takes longer. */
export function readSlot(worktreesDir: string, slot: string): SlotRecord {
  const path = recordOf(worktreesDir, slot);
  const [tree, ref] = textOf(join(path, 'captured'))?.split(' ') ?? [];
  const folder = textOf(join(path, 'folder'));
  return {
    base: textOf(join(path, 'base')),
    index: there(join(path, INDEX)),
    captured:
      tree !== undefined && ref !== undefined ? { tree, ref, index: there(join(path, CAPTURED_INDEX)) } : undefined,
    folder: folder !== undefined && isSlotName(folder) ? folder : undefined,
    excluded: textOf(join(path, EXCLUDED))?.split('\0') ?? [],
  };
}

/** Names of the slots with a record. */
export async function recordedSlots(worktreesDir: string): Promise<readonly string[]> {
  return readdir(join(worktreesDir, SLOT_RECORDS)).catch(() => []);
}

/** Before the worktree is made; `folder` names the slot whose folder it is made of. */
export function beginSlot(worktreesDir: string, slot: string, base: string, folder?: string): void {
  const path = recordOf(worktreesDir, slot);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  writeFileSync(join(path, 'base'), base);
  if (folder !== undefined) writeFileSync(join(path, 'folder'), folder);
  holdSlot(worktreesDir, slot);
}

/**
 * Takes what is known about one slot's files, in this index, for another that is made of it, and forgets the first one.
 * The new path of the index.
 */
export async function inheritIndex(worktreesDir: string, from: string, to: string, known: string): Promise<string> {
  const inherited = join(recordOf(worktreesDir, to), 'inherited-index');
  await rename(known, inherited);
  if (from !== to) await forgetSlot(worktreesDir, from);
  else for (const name of OF_FORMER) await rm(join(recordOf(worktreesDir, from), name), { force: true });
  return inherited;
}

/** After the checkout, before a worker sees the worktree. */
export async function finishSlot(worktreesDir: string, slot: string, index: string): Promise<void> {
  const path = recordOf(worktreesDir, slot);
  for (const name of ['folder', 'inherited-index']) rmSync(join(path, name), { force: true });
  // Last: as long as it is missing, nobody has worked in the slot.
  const draft = join(path, 'index.draft');
  await copyIndex(index, draft);
  await rename(draft, join(path, INDEX));
}

/** `index` is the one that the capture was made with. */
export async function noteCapture(
  worktreesDir: string,
  slot: string,
  { tree, ref, index }: { readonly tree: string; readonly ref: string; readonly index: string },
): Promise<void> {
  const path = recordOf(worktreesDir, slot);
  // The index first: it must never be older than the tree it stands for.
  await rm(join(path, 'captured'), { force: true });
  await copyIndex(index, join(path, CAPTURED_INDEX));
  await writeFile(join(path, 'captured'), `${tree} ${ref}`);
}

/** What is never part of a result of this slot. */
export async function noteExcluded(worktreesDir: string, slot: string, paths: readonly string[]): Promise<void> {
  if (paths.length > 0) await writeFile(join(recordOf(worktreesDir, slot), EXCLUDED), paths.join('\0'));
}

/** Whether a path is one that a set-up put there; those with a slash at the end are folders with all in them. */
export function excludedBy(excluded: readonly string[]): (path: string) => boolean {
  const paths = new Set(excluded);
  const folders = excluded.filter((path) => path.endsWith('/'));
  return (path) => paths.has(path) || folders.some((folder) => path.startsWith(folder));
}

/** What of a set-up can be used again. */
export async function noteSetUp(worktreesDir: string, slot: string, results: SetUpResults): Promise<void> {
  await writeFile(join(recordOf(worktreesDir, slot), SET_UP), JSON.stringify(results));
}

/** See `noteSetUp`; undefined when there is nothing, or nothing that can be read. */
export function readSetUp(worktreesDir: string, slot: string): SetUpResults | undefined {
  const text = textOf(join(recordOf(worktreesDir, slot), SET_UP));
  return text === undefined ? undefined : setUpResultsSchema.safeParse(parsed(text)).data;
}

/** This process holds the slot from now on. */
export function holdSlot(worktreesDir: string, slot: string): void {
  const path = recordOf(worktreesDir, slot);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  writeFileSync(join(path, 'holder'), JSON.stringify(ownIdentity()));
}

/** Whether a process other than this one holds the slot and lives: judged by who it is, not by a sign of life. */
export function isHeldElsewhere(worktreesDir: string, slot: string): boolean {
  const text = textOf(join(recordOf(worktreesDir, slot), 'holder'));
  const holder = text === undefined ? undefined : processIdentitySchema.safeParse(parsed(text)).data;
  return holder !== undefined && !isSameProcess(holder, ownIdentity()) && isAlive(holder);
}

export async function forgetSlot(worktreesDir: string, slot: string): Promise<void> {
  await rm(recordOf(worktreesDir, slot), { recursive: true, force: true });
}

function recordOf(worktreesDir: string, slot: string): string {
  return join(worktreesDir, SLOT_RECORDS, slot);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function textOf(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return readFileSync(path, 'utf8') || undefined;
  } catch {
    return undefined;
  }
}

const there = (path: string): string | undefined => (existsSync(path) ? path : undefined);
