import { lstat, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { OrchestratorError } from '../../core/model/error.ts';
import { type Oversized, oversizedFiles, type SizedFile } from '../../core/model/result-size.ts';
import type { Capture } from '../../core/ports/repository.ts';
import { changes } from './changes.ts';
import { writeCommit } from './commit.ts';
import { fields, line } from './git.ts';
import { treeOfIndex } from './index-tree.ts';
import { nestedFiles } from './nested.ts';
import { inside, type Place } from './place.ts';
import { setRef } from './refs.ts';
import { excludedBy, noteCapture, readSlot, type SlotRecord } from './slot-record.ts';
import type { Stored } from './store.ts';
import { copyIndex, withTemporaryIndex } from './temporary-index.ts';

/** See the port. Throws when a tracked file was turned into a repository of its own: its content can't be captured. */
export async function capture(
  place: Place,
  worktree: string,
  base: string,
  ref: string,
  message: string,
  signal: AbortSignal,
): Promise<Capture> {
  const slot = dirname(worktree) === place.worktreesDir ? basename(worktree) : undefined;
  const record = slot === undefined ? undefined : readSlot(place.worktreesDir, slot);
  // Noted before there is a ref: what is noted counts for nothing until the ref leads to it.
  const note = async (tree: string, index: string): Promise<void> => {
    if (slot !== undefined && record?.base !== undefined)
      await noteCapture(place.worktreesDir, slot, { tree, ref, index });
  };
  const { tree, oversized, written } = await filesAsTree(place, worktree, base, record, signal, {
    leaveOut: oversizedFiles,
    note,
  });
  const changed = await changes(place, base, tree, signal);
  const foreign = changed.find((change) => change.newSubmodule);
  if (foreign) {
    throw new OrchestratorError(
      'git-failed',
      `git add failed in ${worktree}: "${foreign.path}" was replaced by a git repository of its own.`,
      { fix: `Remove the .git folder in "${foreign.path}" so that its files can be captured.` },
    );
  }
  const commit = await writeCommit(place, { tree, parents: [base], message }, signal, written);
  await setRef(place, ref, commit, signal);
  return { commit, tree, files: changed.map(({ path, change }) => ({ path, change })), oversized };
}

interface TreeOptions {
  /** Says which of the changed files are left out, if any. */
  readonly leaveOut?: (changed: readonly SizedFile[]) => Oversized | undefined;
  /** Is told the tree and the index that it was written from, while that is there. */
  readonly note?: (tree: string, index: string) => Promise<void>;
}

interface FilesAsTree {
  readonly tree: string;
  readonly oversized: Oversized | undefined;
  /** What of the tree is on its way to the disk. */
  readonly written: readonly Stored[];
}

/**
 * Writes the files of a folder as a tree: those tracked in `base` and the untracked that are not ignored. What HEAD,
 * index and `.git` of the folder are makes no difference; the slot's record only makes it faster.
 */
export async function filesAsTree(
  place: Place,
  folder: string,
  base: string,
  record: SlotRecord | undefined,
  signal: AbortSignal,
  { leaveOut, note }: TreeOptions = {},
): Promise<FilesAsTree> {
  return withTemporaryIndex(place, async (index) => {
    const before = inside(place, folder);
    const env = { GIT_INDEX_FILE: index };
    const run = (args: readonly string[], input?: readonly string[]) =>
      place.git(args, {
        signal,
        cwd: folder,
        before,
        env,
        ...(input === undefined ? {} : { input: input.map((path) => `${path}\0`).join('') }),
      });

    // The index made at checkout knows size and time of every file, so that unchanged ones need not be read. The
    // worktree's own would know more, but the worker can have flagged files in it as not to be looked at.
    if (record?.index !== undefined) await copyIndex(record.index, index);
    if (record?.index === undefined || record.base !== base) await run(['read-tree', '--reset', base]);
    const differing = ['--others', '--modified', '--deleted', '--exclude-standard'];
    const found = fields((await run(['ls-files', '-z', '-t', ...differing])).stdout);
    const isUntracked = (entry: string): boolean => entry.startsWith('? ');
    const tracked = found.filter((entry) => !isUntracked(entry)).map((entry) => entry.slice(2));
    const listed = found.filter(isUntracked).map((entry) => entry.slice(2));
    const isOurs = excludedBy(record?.excluded ?? []);
    const own = listed.filter((path) => !isOurs(path));
    const untracked = (await withNested(place, folder, own, signal)).filter((path) => !isOurs(path));
    // Before git reads and stores a byte of them.
    const oversized = leaveOut?.(await sizes(folder, [...new Set([...tracked, ...untracked])]));
    // Where the slot began elsewhere than at `base`, what it began with is a part of the result, touched or not.
    const begun = new Set(record?.base === undefined ? [] : await changedPaths(place, record.base, base, signal));
    const asInBase = tracked.filter((path) => !begun.has(path));
    const left = new Set([
      ...(oversized?.files.map(({ path }) => path) ?? []),
      ...(await untouched(place, folder, asInBase, record, signal)),
    ]);
    const patterns = ['.', ...[...left].map((path) => `:(top,exclude,literal)${path}`)];
    if (tracked.length > 0) await run(['add', '--update', '--pathspec-from-file=-', '--pathspec-file-nul'], patterns);
    // One may be gone again by now: the worker may be ended while a tool of its still writes.
    const added = untracked.filter((path) => !left.has(path));
    if (added.length > 0) await run(['update-index', '--add', '--remove', '-z', '--stdin'], added);
    const known = await treeOfIndex(place.trees, index, base);
    const tree = known?.tree ?? line(await run(['write-tree']));
    await note?.(tree, index);
    return { tree, oversized, written: known?.written ?? [] };
  });
}

async function changedPaths(place: Place, from: string, to: string, signal: AbortSignal): Promise<readonly string[]> {
  return from === to ? [] : (await changes(place, from, to, signal)).map(({ path }) => path);
}

/**
 * Those of the files that differ from the index though nobody has written to them since the checkout: rules for line
 * endings or filters make git store them differently than they were stored. That is not the worker's doing.
 */
async function untouched(
  place: Place,
  folder: string,
  differing: readonly string[],
  record: SlotRecord | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (record?.index === undefined || differing.length === 0) return [];
  const since = (await stat(record.index, { bigint: true })).ctimeNs;
  const old = new Map<string, string>();
  for (const path of new Set(differing)) {
    const found = await lstat(join(folder, path), { bigint: true }).catch(() => undefined);
    if (found && found.ctimeNs <= since) old.set(path, [found.ctimeNs, found.mtimeNs, found.size].join(' '));
  }
  if (old.size === 0) return [];
  // Clocks are set back: only what git has seen of the very file at the checkout proves that it is the same.
  const { stdout } = await place.git(['ls-files', '-z', '--debug', '--', ...old.keys()], {
    signal,
    cwd: folder,
    before: [...inside(place, folder), '--literal-pathspecs'],
    env: { GIT_INDEX_FILE: record.index },
  });
  const seen = new Map(describedEntries(stdout.toString('utf8')));
  return [...old].filter(([path, stamp]) => seen.get(path) === stamp).map(([path]) => path);
}

/** Of `ls-files -z --debug`: path, NUL, lines with the times and the size that the index has. */
function describedEntries(text: string): [path: string, stamp: string][] {
  const entry =
    /([^\0]+)\0 {2}ctime: (\d+):(\d+)\n {2}mtime: (\d+):(\d+)\n {2}dev: \d+\tino: \d+\n {2}uid: \d+\tgid: \d+\n {2}size: (\d+)\tflags: \w+\n/g;
  const nanoseconds = (seconds: string, rest: string): string => `${BigInt(seconds) * 1_000_000_000n + BigInt(rest)}`;
  return [...text.matchAll(entry)].map(([, path = '', cs = '0', cn = '0', ms = '0', mn = '0', size = '']) => [
    path,
    [nanoseconds(cs, cn), nanoseconds(ms, mn), size].join(' '),
  ]);
}

/** Untracked paths as git lists them, with the files of repositories that were made among them. */
async function withNested(
  place: Place,
  folder: string,
  listed: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const path of listed) {
    if (path.endsWith('/')) paths.push(...(await nestedFiles(place, folder, path, signal)));
    else paths.push(path);
  }
  return paths;
}

/** Bytes of the files that are there; a link is as long as what is written in it. */
async function sizes(folder: string, paths: readonly string[]): Promise<SizedFile[]> {
  return Promise.all(
    paths.map(async (path) => {
      const found = await lstat(join(folder, path)).catch(() => undefined);
      return { path, bytes: found && !found.isDirectory() ? found.size : 0 };
    }),
  );
}
