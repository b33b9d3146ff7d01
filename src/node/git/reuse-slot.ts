import { lstat, rename, rmdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { areUntouched, setUpInputs } from '../set-up/results.ts';
import { administrationOf, isIntact, renameIn, restore } from './administration.ts';
import { WORKTREE_SETTINGS } from './environment.ts';
import { fields } from './git.ts';
import type { Place } from './place.ts';
import type { SetUpResults } from './set-up-results.ts';
import { noteSharedCode } from './shared-code.ts';
import { beginSlot, finishSlot, inheritIndex, noteSetUp, readSetUp, readSlot, requireSlotName } from './slot-record.ts';
import { copyIndex } from './temporary-index.ts';
import { SUBMODULE } from './trees.ts';

/**
 * See the port. The worktree gets another path: the CLI keeps sessions and memories by path, and a process that still
 * has the old one in mind must not find the new files there.
 */
export async function turnInto(
  place: Place,
  former: string,
  name: string,
  base: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  requireSlotName(name);
  const { worktreesDir } = place;
  const [from, to] = [join(worktreesDir, former), join(worktreesDir, name)];
  const record = readSlot(worktreesDir, former);
  const setUp = readSetUp(worktreesDir, former);
  const administration = administrationOf(place, from);
  if (record.base === undefined || record.index === undefined || administration === undefined) return undefined;
  if (!(await lstat(from)).isDirectory() || !isIntact(from, administration)) return undefined;

  const added = setUp === undefined ? await onlyAdded(place, former, record.base, base, signal) : undefined;
  const known = added ? record.index : (record.captured?.index ?? record.index);
  // From here on the record says that it is being made, until it is finished.
  beginSlot(worktreesDir, name, base, former);
  const index = await inheritIndex(worktreesDir, former, name, known);
  if (!(await restore(administration, record.base))) return undefined;
  if (former !== name) {
    await rename(from, to);
    renameIn(administration, former, name);
  }
  // Not the worker's own index: it can have flagged files in it as not to be looked at.
  await copyIndex(index, join(administration, 'index'));
  if (added) await removeFiles(to, added);
  else {
    const options = { signal, cwd: to, before: WORKTREE_SETTINGS };
    await place.git(['reset', '--hard', '--quiet', base], options);
    const kept = await keptSetUp(place, to, setUp, signal);
    if (!(await isClean(place, to, kept, signal))) {
      const except = kept.flatMap((folder) => ['-e', `/${escaped(folder)}/`]);
      await place.git(['clean', '--quiet', '-d', '--force', '--force', '-x', ...except], options);
      if (!(await isClean(place, to, kept, signal))) return undefined;
    }
    if (setUp !== undefined && kept.length > 0) await noteSetUp(worktreesDir, name, setUp);
  }
  await noteSharedCode(place, name, signal);
  await finishSlot(worktreesDir, name, join(administration, 'index'));
  return to;
}

/**
 * The files that are all that a slot has besides those of its base, which is the next one's as well: without them it is
 * as it was made, and git need not look at it again. undefined: there is more to do.
 */
async function onlyAdded(
  place: Place,
  slot: string,
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const tree = place.exact.get(slot);
  place.exact.delete(slot);
  if (tree === undefined || from !== to) return undefined;
  const found = await place.trees.differences(from, tree, signal);
  const isAdded = found.every(({ before, after }) => before === '' && after !== SUBMODULE);
  return isAdded ? found.map(({ path }) => path) : undefined;
}

/** Removes files, and the folders that are empty then. */
async function removeFiles(top: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await unlink(join(top, path));
    for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
      const isGone = await rmdir(join(top, folder)).then(
        () => true,
        () => false,
      );
      if (!isGone) break;
    }
  }
}

/** Folders that a former set-up left, where the new base needs the same and nobody has touched them. */
async function keptSetUp(
  place: Place,
  path: string,
  setUp: SetUpResults | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (setUp === undefined || setUp.folders.length === 0) return [];
  if ((await setUpInputs(place, path, setUp.commands, signal)) !== setUp.inputs) return [];
  return (await areUntouched(path, setUp)) ? setUp.folders : [];
}

/**
 * Whether there is nothing but the files of the index and what is kept, and these as they are there: ignored files
 * count as well.
 */
async function isClean(place: Place, path: string, kept: readonly string[], signal: AbortSignal): Promise<boolean> {
  const args = ['ls-files', '-z', '--others', '--directory', '--modified', '--deleted'];
  const listed = await place.git(args, { signal, cwd: path, before: WORKTREE_SETTINGS });
  return fields(listed.stdout).every((found) => kept.includes(found.replace(/\/$/, '')));
}

/** As a pattern that means only itself. */
const escaped = (path: string): string => path.replace(/[\\*?[\]!# ]/g, '\\$&');
