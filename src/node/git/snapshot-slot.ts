import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { administrationOf, headOf } from './administration.ts';
import { filesAsTree } from './capture.ts';
import { writeCommit } from './commit.ts';
import { line } from './git.ts';
import { inside, type Place } from './place.ts';
import { setRef, treeOf } from './refs.ts';
import { readSlot, type SlotRecord } from './slot-record.ts';

/** See the port: commits what is in a slot on top of the worker's HEAD, unless a ref already leads to it. */
export async function snapshotSlot(place: Place, slot: string, signal: AbortSignal): Promise<void> {
  const path = join(place.worktreesDir, slot);
  if (!(await lstat(path).catch(() => undefined))?.isDirectory()) return;
  const record = readSlot(place.worktreesDir, slot);
  // While it is being made nobody has worked in it; what it may be made of was kept before.
  if (record.base !== undefined && record.index === undefined) return;
  const administration = administrationOf(place, path);
  const head = administration === undefined ? undefined : await headOf(place, administration, signal);
  const base = record.base ?? head ?? line(await place.git(['rev-parse', 'HEAD'], { signal }));
  const own = head !== undefined && head !== base;
  place.exact.delete(slot);
  if (!own && (await isKept(place, slot, base, record, signal))) return;

  const { tree, written } = await filesAsTree(place, path, base, record, signal);
  if (!own && tree === (await treeOf(place, base, signal))) return;
  if (!own && tree === record.captured?.tree && (await leadsTo(place, record.captured, signal))) return;
  const message = `Snapshot of worktree ${slot}`;
  const commit = await writeCommit(place, { tree, parents: [head ?? base], message }, signal, written);
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  await setRef(place, `refs/claude-orchestrator/snapshots/${slot}/${time}-${tree.slice(0, 12)}`, commit, signal);
}

/** Whether nothing was changed since the last capture, or since the worktree was made; looks at no unchanged file. */
async function isKept(
  place: Place,
  slot: string,
  base: string,
  record: SlotRecord,
  signal: AbortSignal,
): Promise<boolean> {
  const { captured } = record;
  const path = join(place.worktreesDir, slot);
  if ((await readdir(path)).every((name) => name === '.git')) return true;
  const index = captured ? captured.index : record.index;
  if (index === undefined) return false;
  const differs = async (how: string): Promise<boolean> => {
    const args = ['ls-files', '-z', '--others', '--modified', '--deleted', how];
    const env = { GIT_INDEX_FILE: index };
    return (await place.git(args, { signal, cwd: path, before: inside(place, path), env })).stdout.length > 0;
  };
  // Ignored files and empty folders make a difference to what comes next, not to what is kept.
  const isExact = !(await differs('--directory'));
  if (!isExact && (await differs('--exclude-standard'))) return false;
  if (captured && !(await leadsTo(place, captured, signal))) return false;
  if (isExact) place.exact.set(slot, captured?.tree ?? (await treeOf(place, base, signal)));
  return true;
}

async function leadsTo(
  place: Place,
  { ref, tree }: { readonly ref: string; readonly tree: string },
  signal: AbortSignal,
): Promise<boolean> {
  return (await place.objects.find(`${ref}^{tree}`, signal))?.id === tree;
}
