import { lstat, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { filesAsTree } from './capture.ts';
import { writeCommit } from './commit.ts';
import { WORKTREE_SETTINGS } from './environment.ts';
import { fields, line } from './git.ts';
import type { Place } from './place.ts';
import { inTurn } from './queue.ts';
import { readRef, setRef, treeOf } from './refs.ts';
import { removeFolder } from './remove-folder.ts';
import { noteSharedCode } from './shared-code.ts';
import {
  beginSlot,
  finishSlot,
  forgetSlot,
  isSlotName,
  readSlot,
  requireSlotName,
  SLOT_RECORDS,
} from './slot-record.ts';

/** See the port. */
export async function openWorktree(place: Place, slot: string, base: string, signal: AbortSignal): Promise<string> {
  await closeWorktree(place, slot, signal);
  const path = join(place.worktreesDir, slot);
  await beginSlot(place.worktreesDir, slot, base);
  // Only making the entry touches what all worktrees share; the files can be written side by side.
  await inTurn(place.commonDir, () =>
    place.git(['worktree', 'add', '--detach', '--no-checkout', path, base], { signal, before: WORKTREE_SETTINGS }),
  );
  await place.git(['reset', '--hard', '--quiet'], { signal, cwd: path, before: WORKTREE_SETTINGS });
  const gitDir = line(await place.git(['rev-parse', '--absolute-git-dir'], { signal, cwd: path }));
  await noteSharedCode(place, slot, signal);
  await finishSlot(place.worktreesDir, slot, join(gitDir, 'index'));
  return path;
}

/** See the port. */
export async function slots(place: Place): Promise<readonly string[]> {
  const listed = await Promise.all(
    [place.worktreesDir, join(place.worktreesDir, SLOT_RECORDS)].map((folder) => readdir(folder).catch(() => [])),
  );
  return [...new Set(listed.flat())].filter(isSlotName).sort();
}

/** See the port. A slot with nothing in it is fine; when the snapshot fails nothing is removed. */
export async function closeWorktree(place: Place, slot: string, signal: AbortSignal): Promise<void> {
  requireSlotName(slot);
  const path = join(place.worktreesDir, slot);
  const entry = await entryOf(place, path, signal);
  const there = await lstat(path).catch(() => undefined);
  if (there?.isDirectory()) await snapshot(place, slot, entry?.head, signal);
  if (there) await removeFolder(path);
  if (entry) {
    // Twice: also when it is locked. Other people's stale entries are theirs, therefore no `prune`.
    await inTurn(place.commonDir, () => place.git(['worktree', 'remove', '--force', '--force', path], { signal }));
  }
  await forgetSlot(place.worktreesDir, slot);
}

/** Commits what is in a slot on top of the worker's HEAD, unless a ref already leads to it. */
async function snapshot(place: Place, slot: string, head: string | undefined, signal: AbortSignal): Promise<void> {
  const path = join(place.worktreesDir, slot);
  const record = await readSlot(place.worktreesDir, slot);
  const neverUsed = record.base !== undefined && record.index === undefined;
  const files = (await readdir(path)).filter((name) => name !== '.git');
  const base = record.base ?? head ?? line(await place.git(['rev-parse', 'HEAD'], { signal }));
  const own = head !== undefined && head !== base;
  if (!own && (neverUsed || files.length === 0)) return;

  const { tree } = await filesAsTree(place, path, base, record, signal);
  if (!own && (tree === (await treeOf(place, base, signal)) || (await isKept(place, record.captured, tree, signal))))
    return;
  const message = `Snapshot of worktree ${slot}`;
  const commit = await writeCommit(place, { tree, parents: [head ?? base], message }, signal);
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  await setRef(place, `refs/claude-orchestrator/snapshots/${slot}/${time}-${tree.slice(0, 12)}`, commit, signal);
}

async function isKept(
  place: Place,
  captured: { readonly tree: string; readonly ref: string } | undefined,
  tree: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (captured?.tree !== tree) return false;
  const commit = await readRef(place, captured.ref, signal);
  return commit !== undefined && (await treeOf(place, commit, signal)) === tree;
}

/** What git knows about the worktree at a path; its HEAD is undefined on a branch without commits. */
async function entryOf(
  place: Place,
  path: string,
  signal: AbortSignal,
): Promise<{ readonly head: string | undefined } | undefined> {
  const listed = fields((await place.git(['worktree', 'list', '--porcelain', '-z'], { signal })).stdout);
  const at = listed.findIndex((field) => field.startsWith('worktree ') && resolve(field.slice(9)) === path);
  if (at < 0) return undefined;
  const head = /^HEAD (?!0+$)([0-9a-f]+)$/.exec(listed[at + 1] ?? '')?.[1];
  return { head };
}
