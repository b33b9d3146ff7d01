import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ATTEMPT_MARKER } from '../../core/model/attempt-files.ts';
import type { WorktreeSetUp } from '../../core/ports/repository.ts';
import { WORKTREE_SETTINGS } from '../git/environment.ts';
import { fields } from '../git/git.ts';
import type { Place } from '../git/place.ts';
import { noteExcluded, noteSetUp, readSetUp } from '../git/slot-record.ts';
import { copyFolder, linkFolder } from './folders.ts';
import { copyIncluded, includedFiles } from './included-files.ts';
import { setUpInputs, setUpResults } from './results.ts';
import { runSetUpCommand } from './run-command.ts';

/** Folder of what set-ups print, beside the worktrees; a log stays only when its set-up failed. */
export const SET_UP_LOGS = '.set-up';

/** See the port. */
export async function prepareWorktree(
  place: Place,
  worktree: string,
  setUp: WorktreeSetUp,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<void> {
  const [folder, slot] = [dirname(worktree), basename(worktree)];
  const included = await includedFiles(place, signal);
  const isPlain = setUp.commands.length + setUp.copyFolders.length + setUp.linkFolders.length + included.length === 0;
  if (isPlain) return;
  await copyIncluded(place, worktree, included);
  const put = [...included];
  for (const path of setUp.copyFolders) if (await copyFolder(place.root, worktree, path)) put.push(path, `${path}/`);
  for (const path of setUp.linkFolders) if (await linkFolder(place.root, worktree, path)) put.push(path);
  // Before anything else can look: what lies here is never part of a result, whatever .gitignore says.
  await noteExcluded(folder, slot, put);
  if (setUp.commands.length > 0) await runCommands(place, worktree, setUp, environment, put, signal);
}

async function runCommands(
  place: Place,
  worktree: string,
  { commands, minutes }: WorktreeSetUp,
  environment: NodeJS.ProcessEnv,
  put: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const [folder, slot] = [dirname(worktree), basename(worktree)];
  const inputs = await setUpInputs(place, worktree, commands, signal);
  if (readSetUp(folder, slot)?.inputs === inputs) return;
  const log = join(folder, SET_UP_LOGS, `${slot}.log`);
  const marker = `${ATTEMPT_MARKER}=${slot}`;
  const until = performance.now() + minutes * 60_000;
  for (const argv of commands) {
    const limitMs = Math.max(until - performance.now(), 1);
    await runSetUpCommand({ argv, cwd: worktree, environment, marker, log, limitMs }, signal);
  }
  const options = { signal, cwd: worktree, before: WORKTREE_SETTINGS };
  // A lock file that was written anew is not the worker's work.
  await place.git(['reset', '--hard', '--quiet'], options);
  const others = ['ls-files', '-z', '--others', '--exclude-standard', '--directory', '--no-empty-directory'];
  await noteExcluded(folder, slot, [...put, ...fields((await place.git(others, options)).stdout)]);
  await noteSetUp(folder, slot, await setUpResults(place, worktree, { inputs, commands, put }, signal));
  await rm(log, { force: true });
}
