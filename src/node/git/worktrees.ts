import { lstat, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ATTEMPT_MARKER } from '../../core/model/attempt-files.ts';
import { OrchestratorError } from '../../core/model/error.ts';
import type { Slot, Slots } from '../../core/ports/slots.ts';
import { diskUse } from '../disk-use.ts';
import { canSeeProcesses, worksIn } from '../process/inside.ts';
import { administrationOf, knownToGit, removeAdministration } from './administration.ts';
import { WORKTREE_SETTINGS } from './environment.ts';
import type { Place } from './place.ts';
import { inTurn } from './queue.ts';
import { removeFolder } from './remove-folder.ts';
import { turnInto } from './reuse-slot.ts';
import { noteSharedCode } from './shared-code.ts';
import {
  beginSlot,
  finishSlot,
  forgetSlot,
  holdSlot,
  isHeldElsewhere,
  isSlotName,
  readSlot,
  recordedSlots,
  requireSlotName,
} from './slot-record.ts';
import { snapshotSlot } from './snapshot-slot.ts';

/** The slots of a repository. */
export function gitSlots(place: Place): Slots {
  const { worktreesDir } = place;
  return {
    reusable: canSeeProcesses,
    lackOfRoom: (quotaBytes, signal) => lackOfRoom(place, quotaBytes, signal),
    list: () => list(place),
    isThere: (name) => exists(join(worktreesDir, named(name), '.git')),
    make: (name, base, signal) => make(place, name, base, signal),
    snapshot: (name, signal) => snapshotSlot(place, named(name), signal),
    isIdle: async (name) => !worksIn(join(worktreesDir, name), `${ATTEMPT_MARKER}=${name}`),
    turnInto: (former, name, base, signal) => turnInto(place, former, name, base, signal),
    hold: async (name) => holdSlot(worktreesDir, named(name)),
    remove: (name) => remove(place, named(name)),
  };
}

/** A look at every file is not worth it more often than this … */
const LOOK_AGAIN_MS = 60_000;
/** … nor than after so many times as long as the last one took, where a worktree was asked for since. */
const WORTH_LOOKS = 20;
const lastLooks = new Map<string, { readonly at: number; readonly tookMs: number; readonly used: number }>();

async function lackOfRoom(place: Place, quotaBytes: number, signal: AbortSignal): Promise<string | undefined> {
  if (quotaBytes === Number.POSITIVE_INFINITY) return undefined;
  // The state of the repository lies around its worktrees.
  const folder = dirname(place.worktreesDir);
  const last = lastLooks.get(folder);
  const began = performance.now();
  const isFresh =
    last !== undefined &&
    began - last.at < Math.min(LOOK_AGAIN_MS, last.tookMs * WORTH_LOOKS) &&
    last.used <= quotaBytes;
  const used = isFresh ? last.used : await diskUse(folder, signal);
  if (!isFresh) lastLooks.set(folder, { at: performance.now(), tookMs: performance.now() - began, used });
  if (used <= quotaBytes) return undefined;
  const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);
  return `${folder} uses ${gigabytes(used)} GB of the disk, ${gigabytes(quotaBytes)} GB are allowed.`;
}

async function list(place: Place): Promise<readonly Slot[]> {
  const { worktreesDir } = place;
  const folders = await readdir(worktreesDir).catch(() => []);
  const records = await recordedSlots(worktreesDir);
  const made = records.map((name) => readSlot(worktreesDir, name).folder);
  const ofOthers = new Set(made.filter((folder) => folder !== undefined && !records.includes(folder)));
  const names = [...new Set([...folders, ...records, ...knownToGit(place)])].filter((name) => isSlotName(name));
  return names
    .filter((name) => !ofOthers.has(name))
    .sort()
    .map((name) => ({ name, heldElsewhere: isHeldElsewhere(worktreesDir, name) }));
}

async function make(place: Place, name: string, base: string, signal: AbortSignal): Promise<string> {
  const path = join(place.worktreesDir, named(name));
  beginSlot(place.worktreesDir, name, base);
  // Only making the entry touches what all worktrees share; the files can be written side by side.
  await inTurn(place.commonDir, () =>
    place.git(['worktree', 'add', '--detach', '--no-checkout', path, base], { signal, before: WORKTREE_SETTINGS }),
  );
  await place.git(['reset', '--hard', '--quiet'], { signal, cwd: path, before: WORKTREE_SETTINGS });
  const administration = administrationOf(place, path);
  if (administration === undefined)
    throw new OrchestratorError('git-failed', `git knows nothing of the worktree that it made at ${path}.`);
  await noteSharedCode(place, name, signal);
  await finishSlot(place.worktreesDir, name, join(administration, 'index'));
  return path;
}

/** Other people's stale entries are theirs, therefore no `git worktree prune`. */
async function remove(place: Place, name: string): Promise<void> {
  const { folder } = readSlot(place.worktreesDir, name);
  for (const each of folder === undefined ? [name] : [name, folder]) {
    const path = join(place.worktreesDir, each);
    const administration = administrationOf(place, path);
    if (await exists(path)) await removeFolder(path);
    if (administration !== undefined) await removeAdministration(place, administration);
  }
  await forgetSlot(place.worktreesDir, name);
}

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

function named(name: string): string {
  requireSlotName(name);
  return name;
}
