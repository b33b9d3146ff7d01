import { existsSync, lstatSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { line } from './git.ts';
import type { Place } from './place.ts';

/*
 * Git's own folder of a linked worktree, `worktrees/<id>` in the common folder, by the files that
 * gitrepository-layout(5) describes.
 */

/** What stays when a worktree is used again; all else is the former worker's: locks, half-done merges, settings. */
const KEPT = new Set(['gitdir', 'commondir', 'HEAD']);

/** Git's folder of the worktree at this path, whether or not the worktree itself still says so. */
export function administrationOf(place: Place, path: string): string | undefined {
  const wanted = join(path, '.git');
  return administrations(place).find(({ dotGit }) => dotGit === wanted)?.folder;
}

/** Names of the worktrees in the folder for slots that git knows. */
export function knownToGit(place: Place): readonly string[] {
  const paths = administrations(place).map(({ dotGit }) => dirname(dotGit));
  return paths.filter((path) => dirname(path) === place.worktreesDir).map((path) => basename(path));
}

/** These are a few small files that are in memory: to have another thread read them takes longer. */
function administrations(place: Place): readonly { readonly folder: string; readonly dotGit: string }[] {
  const top = join(place.commonDir, 'worktrees');
  const ids = existsSync(top) ? readdirSync(top) : [];
  return ids.flatMap((id) => {
    const folder = join(top, id);
    const text = textOf(join(folder, 'gitdir'));
    return text === '' ? [] : [{ folder, dotGit: resolve(folder, text.replace(/\r?\n$/, '')) }];
  });
}

/** Empty where there is no such file, or it can't be read. */
function textOf(file: string): string {
  try {
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  } catch {
    return '';
  }
}

/** Whether the worktree's `.git` is the file that git made there. */
export function isIntact(path: string, administration: string): boolean {
  const file = join(path, '.git');
  if (!lstatSync(file, { throwIfNoEntry: false })?.isFile()) return false;
  const target = /^gitdir: (.+?)\r?\n?$/.exec(textOf(file))?.[1];
  return target !== undefined && resolve(path, target) === administration;
}

/** The commit that a worktree is at; undefined on a branch without commits. */
export async function headOf(place: Place, administration: string, signal: AbortSignal): Promise<string | undefined> {
  const text = textOf(join(administration, 'HEAD')).trim();
  if (/^[0-9a-f]{40,64}$/.test(text)) return text;
  const before = [`--git-dir=${administration}`];
  const found = await place.git(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], {
    signal,
    before,
    accept: [1, 128],
  });
  return found.code === 0 ? line(found) : undefined;
}

/**
 * Makes it what it was right after the worktree was made at `commit`, without an index. False when it holds something
 * that can't be taken away safely: refs in another format, or repositories of submodules.
 */
export async function restore(administration: string, commit: string): Promise<boolean> {
  const entries = readdirSync(administration);
  if (entries.includes('reftable') || entries.includes('modules')) return false;
  for (const entry of entries) {
    if (!KEPT.has(entry)) await rm(join(administration, entry), { recursive: true, force: true });
  }
  replaceFile(join(administration, 'HEAD'), `${commit}\n`);
  return true;
}

/** Tells git that the worktree's folder has another name now. */
export function renameIn(administration: string, from: string, to: string): void {
  const file = join(administration, 'gitdir');
  const text = readFileSync(file, 'utf8');
  // Written as it is: absolute, or relative where the person's git is set up so.
  const tail = /[\\/]([^\\/]+)([\\/]\.git\r?\n?)$/.exec(text);
  if (tail?.[1] !== from) throw new Error(`The file ${file} does not name the worktree ${from}.`);
  replaceFile(file, `${text.slice(0, tail.index + 1)}${to}${tail[2] ?? ''}`);
}

/** Removes what git knows about a worktree, as `git worktree remove` does once its files are gone. */
export async function removeAdministration(place: Place, administration: string): Promise<void> {
  await rm(administration, { recursive: true, force: true, maxRetries: 3 });
  await rmdir(join(place.commonDir, 'worktrees')).catch(() => undefined);
}

function replaceFile(file: string, text: string): void {
  const draft = `${file}.draft`;
  writeFileSync(draft, text);
  renameSync(draft, file);
}
