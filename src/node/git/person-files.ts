import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { OrchestratorError } from '../../core/model/error.ts';
import type { ApplyPlan } from '../../core/ports/repository.ts';
import { changedFiles } from './changes.ts';
import { writeCommit } from './commit.ts';
import { complaint, fields, line } from './git.ts';
import { halfDone } from './obstacles.ts';
import type { Place } from './place.ts';
import { head, setRef, treeOf } from './refs.ts';
import { copyIndex, withTemporaryIndex } from './temporary-index.ts';

/**
 * Commits the person's files as they are, untracked ones included and ignored ones not, on top of HEAD and under `ref`.
 * By a temporary index: neither the person's index nor a file is touched. A clean working tree gives HEAD itself.
 */
export async function snapshotFiles(place: Place, ref: string, message: string, signal: AbortSignal): Promise<string> {
  const { commit } = await head(place, signal);
  const unfinished = await halfDone(place, signal);
  if (unfinished) {
    throw new OrchestratorError('wrong-use', unfinished.message, {
      fix: 'Then start again, or run without the uncommitted changes.',
    });
  }
  const tree = await treeOfFiles(place, signal);
  if (tree === (await treeOf(place, commit, signal))) return commit;
  const snapshot = await writeCommit(place, { tree, parents: [commit], message }, signal);
  await setRef(place, ref, snapshot, signal);
  return snapshot;
}

/** See the port. */
export async function planInPlace(
  place: Place,
  result: string,
  snapshot: string,
  signal: AbortSignal,
): Promise<ApplyPlan> {
  const { branch } = await head(place, signal);
  if (branch === null) {
    const message = 'No branch is checked out: check out the branch the changes belong on.';
    return { ok: false, reason: 'detached', message, paths: [] };
  }
  const files = await changedFiles(place, snapshot, result, signal);
  const now = await treeOfFiles(place, signal);
  const since = new Set((await changedFiles(place, snapshot, now, signal)).map(({ path }) => path));
  const paths = files.map(({ path }) => path).filter((path) => since.has(path));
  const lacking = new Set((await changedFiles(place, result, now, signal)).map(({ path }) => path));
  if (!files.some(({ path }) => lacking.has(path))) {
    const message = 'Your files already have everything that is in the result.';
    return { ok: false, reason: 'nothing', message, paths: [] };
  }
  if (paths.length > 0) {
    const message = 'These files were changed since the run took its snapshot.';
    return { ok: false, reason: 'in-the-way', message, paths };
  }
  return { ok: true, inPlace: true, branch, from: snapshot, to: result, files };
}

/** See the port. Git looks at every file before it writes the first one. */
export async function applyInPlace(place: Place, from: string, to: string, signal: AbortSignal): Promise<void> {
  const now = await treeOfFiles(place, signal);
  const changed = (await changedFiles(place, from, to, signal)).map(({ path }) => path);
  const differs = async (commit: string) => {
    const other = new Set((await changedFiles(place, commit, now, signal)).map(({ path }) => path));
    return changed.some((path) => other.has(path));
  };
  if (!(await differs(to))) return;
  if (await differs(from)) throw blocked('Files were changed since the run took its snapshot.');
  await writeOver(place, now, from, to, signal);
}

/**
 * Writes what differs between the trees `from` and `to` over the person's files, which are as in the tree `now`. Their
 * index is neither read nor written. Throws `apply-blocked` before the first file.
 */
export async function writeOver(
  place: Place,
  now: string,
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<void> {
  await withTemporaryIndex(place, async (index) => {
    const env = { GIT_INDEX_FILE: index };
    await place.git(['read-tree', now], { signal, env });
    await place.git(['update-index', '-q', '--refresh'], { signal, env, accept: [1] });
    // What the person changed elsewhere since stays: it is on both sides.
    const target = await onto(place, now, from, to, signal);
    const merged = await place.git(['read-tree', '-m', '-u', now, target], { signal: undefined, env, accept: [128] });
    if (merged.code !== 0) throw blocked(`git refused: ${complaint(merged.stderr)}`);
  });
}

/** The tree `now` with the files that differ between `from` and `to` as they are in `to`. */
async function onto(place: Place, now: string, from: string, to: string, signal: AbortSignal): Promise<string> {
  return withTemporaryIndex(place, async (index) => {
    const env = { GIT_INDEX_FILE: index };
    await place.git(['read-tree', now], { signal, env });
    const { stdout } = await place.git(['diff-tree', '-r', '-z', '--raw', '--no-renames', from, to], { signal });
    const parts = fields(stdout);
    const input: string[] = [];
    for (let at = 0; at + 1 < parts.length; at += 2) {
      const [, mode = '', , object = ''] = (parts[at] ?? '').slice(1).split(' ');
      // Mode 0 removes the path.
      input.push(`${mode === '000000' ? '0' : mode} ${object}\t${parts[at + 1]}\0`);
    }
    await place.git(['update-index', '-z', '--index-info'], { signal, env, input: input.join('') });
    return line(await place.git(['write-tree'], { signal, env }));
  });
}

/** From a copy of the person's index, so that what they hide from git stays hidden. */
export async function treeOfFiles(place: Place, signal: AbortSignal): Promise<string> {
  const index = resolve(place.root, line(await place.git(['rev-parse', '--git-path', 'index'], { signal })));
  return withTemporaryIndex(place, async (copy) => {
    const env = { GIT_INDEX_FILE: copy };
    const before = ['-c', 'core.safecrlf=false', '-c', 'core.splitIndex=false'];
    if (existsSync(index)) await copyIndex(index, copy);
    else await place.git(['read-tree', 'HEAD'], { signal, env });
    await place.git(['add', '--update', '--', '.'], { signal, env, before });
    const others = await place.git(['ls-files', '--others', '--exclude-standard', '-z'], { signal, env });
    // A repository inside this one is not a part of it.
    const paths = fields(others.stdout).filter((path) => !path.endsWith('/'));
    if (paths.length > 0) {
      const input = paths.map((path) => `${path}\0`).join('');
      await place.git(['update-index', '--add', '--remove', '-z', '--stdin'], { signal, env, before, input });
    }
    return line(await place.git(['write-tree'], { signal, env }));
  });
}

function blocked(what: string): OrchestratorError {
  return new OrchestratorError('apply-blocked', `${what} Nothing was changed.`, {
    fix: 'Look at the changes again and apply them then.',
  });
}
