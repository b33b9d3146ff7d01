import { createHash } from 'node:crypto';
import { lstat, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { WORKTREE_SETTINGS } from '../git/environment.ts';
import { fields } from '../git/git.ts';
import type { Place } from '../git/place.ts';
import type { SetUpResults } from '../git/set-up-results.ts';
import { excludedBy } from '../git/slot-record.ts';

/** Files that decide what a package manager installs. */
const INPUTS: readonly string[] = [
  ...['package.json', 'package-lock.json', 'npm-shrinkwrap.json', '.npmrc', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'],
  ...['yarn.lock', '.yarnrc', '.yarnrc.yml', 'bun.lock', 'bun.lockb', '.pnpmfile.cjs'],
];

/** Folders that still work when the folder around them gets another name. A virtual environment of Python does not. */
const MOVABLE = new Set(['node_modules']);

/** What a set-up with these commands would be made of in the worktree as its index says. */
export async function setUpInputs(
  place: Place,
  worktree: string,
  commands: readonly (readonly string[])[],
  signal: AbortSignal,
): Promise<string> {
  const patterns = INPUTS.map((name) => `:(glob)**/${name}`);
  const args = ['ls-files', '--stage', '-z', '--', ...patterns];
  const { stdout } = await place.git(args, { signal, cwd: worktree, before: WORKTREE_SETTINGS });
  return createHash('sha256').update(JSON.stringify(commands)).update('\0').update(stdout).digest('hex');
}

/** What the commands of a set-up were, what decided what they made, and what was put there besides. */
export interface DoneSetUp {
  readonly inputs: string;
  readonly commands: readonly (readonly string[])[];
  /** Put there anew each time; folders with and without a slash. */
  readonly put: readonly string[];
}

/** What the commands of a set-up made that is of use in another worktree: all of it, or nothing. */
export async function setUpResults(
  place: Place,
  worktree: string,
  { inputs, commands, put }: DoneSetUp,
  signal: AbortSignal,
): Promise<SetUpResults> {
  const made = await madeBesides(place, worktree, put, signal);
  const isMovable = (path: string): boolean => path.endsWith('/') && MOVABLE.has(basename(path));
  // What it made elsewhere is not kept, and only the commands can make it again.
  const folders = made.every(isMovable) ? made.map((path) => path.slice(0, -1)) : [];
  const files: Record<string, string> = {};
  for (const folder of folders) for (const [path, stamp] of await stamps(worktree, folder)) files[path] = stamp;
  return { inputs, commands: commands.map((argv) => [...argv]), files, folders };
}

/** Untracked folders, with a slash at the end, and files apart from what was put there. */
async function madeBesides(
  place: Place,
  worktree: string,
  put: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const others = async (...more: readonly string[]): Promise<readonly string[]> => {
    const args = ['ls-files', '-z', '--others', ...more];
    return fields((await place.git(args, { signal, cwd: worktree, before: WORKTREE_SETTINGS })).stdout);
  };
  const isPut = excludedBy(put);
  const made: string[] = [];
  for (const path of await others('--directory', '--no-empty-directory')) {
    if (isPut(path)) continue;
    // What was put there makes git name the untracked folder around it.
    const isAround = path.endsWith('/') && put.some((one) => one.startsWith(path));
    const within = isAround ? await others('--', `:(literal)${path}`) : [path];
    made.push(...within.filter((one) => !isPut(one)));
  }
  return made;
}

/**
 * Takes away what was added to the results since, and says whether they are otherwise exactly as the set-up left them.
 * A file that was written to shows it by its time of change, which nobody but the system can set.
 */
export async function areUntouched(worktree: string, { folders, files }: SetUpResults): Promise<boolean> {
  const left = new Map(Object.entries(files));
  for (const folder of folders) {
    for (const [path, stamp] of await stamps(worktree, folder)) {
      const expected = left.get(path);
      if (expected === undefined) await rm(join(worktree, path), { force: true });
      else if (expected !== stamp) return false;
      left.delete(path);
    }
  }
  return left.size === 0;
}

async function stamps(worktree: string, folder: string): Promise<[path: string, stamp: string][]> {
  const top = join(worktree, folder);
  if (!(await lstat(top).catch(() => undefined))?.isDirectory()) return [];
  const found: [string, string][] = [];
  for (const entry of await readdir(top, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    const { size, ino, mode, mtimeNs, ctimeNs } = await lstat(path, { bigint: true });
    found.push([path.slice(worktree.length + 1), [size, ino, mode, mtimeNs, ctimeNs].join(' ')]);
  }
  return found;
}
