import { OrchestratorError } from '../../core/model/error.ts';
import type { ApplyPlan } from '../../core/ports/repository.ts';
import { changedFiles } from './changes.ts';
import { writeCommit } from './commit.ts';
import { halfDone } from './obstacles.ts';
import type { Place } from './place.ts';
import { head, setRef, treeOf } from './refs.ts';
import { differing, treeOfFiles } from './tree-of-files.ts';
import { onto, type WriteFailure, writeOver } from './write-over.ts';

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
  const tree = await treeOfFiles(place, [], signal);
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
  const touched = files.map(({ path }) => path);
  const now = await treeOfFiles(place, touched, signal);
  if ((await differing(place, touched, result, now, signal)).length === 0) {
    const message = 'Your files already have everything that is in the result.';
    return { ok: false, reason: 'nothing', message, paths: [] };
  }
  const { lost } = await onto(place, now, snapshot, result, signal);
  const paths = [...(await differing(place, touched, snapshot, now, signal)), ...lost];
  if (paths.length > 0) {
    const message = 'These files were changed since the run took its snapshot.';
    return { ok: false, reason: 'in-the-way', message, paths };
  }
  return { ok: true, inPlace: true, branch, from: snapshot, to: result, files };
}

/** See the port. */
export async function applyInPlace(place: Place, from: string, to: string, signal: AbortSignal): Promise<void> {
  const touched = (await changedFiles(place, from, to, signal)).map(({ path }) => path);
  const now = await treeOfFiles(place, touched, signal);
  if ((await differing(place, touched, to, now, signal)).length === 0) return;
  if ((await differing(place, touched, from, now, signal)).length > 0) {
    const fix = 'Look at the changes again and apply them then.';
    throw blocked('Files were changed since the run took its snapshot.', fix);
  }
  const failure = await writeOver(place, now, from, to, signal);
  if (failure) throw notApplied(failure);
}

/** What is to be said where the files of an apply could not be written. */
export function notApplied({ reason, files }: WriteFailure): OrchestratorError {
  if (files === 'untouched')
    return blocked(`The files could not be written: ${reason}`, 'Mend that, then apply again.');
  if (files === 'taken-back') {
    const message = `git failed while it wrote files, and what it had written was taken back: ${reason}`;
    return new OrchestratorError('apply-blocked', message, { fix: 'Mend that, then apply again.' });
  }
  return new OrchestratorError('git-failed', `git failed while it wrote files, and some are written: ${reason}`, {
    fix: 'Mend that and undo it, then apply again.',
  });
}

function blocked(what: string, fix: string): OrchestratorError {
  return new OrchestratorError('apply-blocked', `${what} Nothing was changed.`, { fix });
}
