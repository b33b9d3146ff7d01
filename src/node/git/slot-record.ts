import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OrchestratorError } from '../../core/model/error.ts';
import { copyIndex } from './temporary-index.ts';

/**
 * What is known about a slot, kept beside the worktrees where neither a worker nor `git worktree prune` removes it.
 * Files: `base` (the commit the worktree was made of), `index` (as it was right after the checkout; missing while the
 * worktree is being made), `captured` (tree and ref of the last capture).
 */
export interface SlotRecord {
  readonly base: string | undefined;
  /** Path of the index at `base`; undefined: the worktree was never finished. */
  readonly index: string | undefined;
  readonly captured: { readonly tree: string; readonly ref: string } | undefined;
}

const SLOT = /^[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$/;

/** Folder of the records, beside the worktrees. */
export const SLOT_RECORDS = '.slots';

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

export async function readSlot(worktreesDir: string, slot: string): Promise<SlotRecord> {
  const folder = folderOf(worktreesDir, slot);
  const [base, captured, index] = await Promise.all([
    textOf(join(folder, 'base')),
    textOf(join(folder, 'captured')),
    readFile(join(folder, 'index')).then(
      () => true,
      () => false,
    ),
  ]);
  const [tree, ref] = captured?.split(' ') ?? [];
  return {
    base,
    index: index ? join(folder, 'index') : undefined,
    captured: tree !== undefined && ref !== undefined ? { tree, ref } : undefined,
  };
}

/** Before the worktree is made. */
export async function beginSlot(worktreesDir: string, slot: string, base: string): Promise<void> {
  const folder = folderOf(worktreesDir, slot);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, 'base'), base);
}

/** After the checkout, before a worker sees the worktree. */
export async function finishSlot(worktreesDir: string, slot: string, index: string): Promise<void> {
  await copyIndex(index, join(folderOf(worktreesDir, slot), 'index'));
}

export async function noteCapture(worktreesDir: string, slot: string, tree: string, ref: string): Promise<void> {
  await writeFile(join(folderOf(worktreesDir, slot), 'captured'), `${tree} ${ref}`);
}

export async function forgetSlot(worktreesDir: string, slot: string): Promise<void> {
  await rm(folderOf(worktreesDir, slot), { recursive: true, force: true });
}

function folderOf(worktreesDir: string, slot: string): string {
  return join(worktreesDir, SLOT_RECORDS, slot);
}

async function textOf(path: string): Promise<string | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text === '' ? undefined : text;
}
