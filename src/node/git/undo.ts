import { OrchestratorError } from '../../core/model/error.ts';
import type { Application } from '../../core/model/run.ts';
import { changedFiles } from './changes.ts';
import { fields } from './git.ts';
import { type Halfway, halfway } from './halfway.ts';
import { halfDone } from './obstacles.ts';
import type { Place } from './place.ts';
import { head } from './refs.ts';
import { differing, treeOfFiles } from './tree-of-files.ts';
import { bringBack, FAILED, onto, reasonOf, standing, type WriteFailure, writeOver } from './write-over.ts';

type CutOff = Omit<Application, 'branch'>;

type Commits = Pick<Application, 'from' | 'to'>;

interface IndexLeft {
  /** Paths that the index has as in `to` already. Git writes the index after the files. */
  readonly staged: readonly string[];
  /** Paths that the index has neither so nor as in `from`. */
  readonly stagedSince: readonly string[];
}

/** What is there of an apply that may not have come to its end. */
type Left = Halfway & IndexLeft;

/**
 * See the port. Looks at everything before it changes anything; files first, the branch last, so that it can be done
 * again after it was cut off. Throws `undo-blocked` when the person has gone on since: then nothing was changed.
 */
export async function undo(place: Place, application: Application, signal: AbortSignal): Promise<void> {
  const { branch, from, to, inPlace, isUnderWay } = application;
  const takeBackAll = async () => takeBack(place, application, await whatIsLeft(place, application, signal), signal);
  if (inPlace) return takeBackAll();
  const { commit, branch: current } = await head(place, signal);
  if (current !== branch) {
    const fix = `Check out ${branch}, then undo again.`;
    throw blocked(`The branch ${current ?? 'HEAD (detached)'} is checked out now instead of ${branch}.`, fix);
  }
  // Git itself was ended while it applied: the branch is what it moves last.
  if (commit === from) return takeBackAll();
  if (commit !== to) {
    const fix = `To take it back all the same: git revert ${to.slice(0, 12)}`;
    throw blocked(`The branch ${branch} has moved on since it was applied.`, fix);
  }
  if (isUnderWay) await takeBackAll();
  else await takeBackCommitted(place, { from, to }, signal);
  // Not to be stopped any more: files and branch go together.
  const message = ['-m', 'claude-orchestrator undo'];
  await place.git(['update-ref', ...message, `refs/heads/${branch}`, from, to], { signal: undefined });
}

/** Files and index of an apply that came to its end, as far as they are not back already. */
async function takeBackCommitted(place: Place, { from, to }: Commits, signal: AbortSignal): Promise<void> {
  const paths = (await changedFiles(place, from, to, signal)).map(({ path }) => path);
  const now = await treeOfFiles(place, paths, signal);
  await requireNothingHalfDone(place, signal);
  const index = await indexLeft(place, paths, { from, to }, signal);
  if ((await differing(place, paths, from, now, signal)).length > 0) {
    const since = await differing(place, paths, to, now, signal);
    const stagedSince = await differingInIndex(place, paths, to, signal);
    if (since.length + stagedSince.length > 0) throw changedSince([...since, ...stagedSince], false);
    await restoreFiles(place, now, { from, to }, signal);
  } else if (index.staged.length > 0 && index.stagedSince.length === 0) {
    await restoreIndex(place, { from, to });
  }
}

/** Looks at files and index where an apply or an undo was cut off, or where files alone were written. */
export async function whatIsLeft(place: Place, application: CutOff, signal: AbortSignal): Promise<Left> {
  const { from, to, inPlace, isUnderWay } = application;
  const files = await halfway(place, { from, to, isCutOff: isUnderWay }, signal);
  if (inPlace) return { ...files, staged: [], stagedSince: [] };
  return { ...files, ...(await indexLeft(place, files.paths, { from, to }, signal)) };
}

/**
 * Takes that back; the branch is where it was. Throws `undo-blocked` before the first change where something is the
 * person's: then nothing was changed.
 */
export async function takeBack(
  place: Place,
  { from, to, inPlace }: CutOff,
  { now, written, foreign, staged, stagedSince }: Left,
  signal: AbortSignal,
): Promise<void> {
  if (written.length + foreign.length + staged.length === 0) return;
  if (!inPlace) await requireNothingHalfDone(place, signal);
  const since = [...foreign, ...stagedSince];
  if (since.length > 0) throw changedSince(since, inPlace);
  const failure = await writeOver(place, now, to, from, signal);
  if (failure) throw notUndone(failure);
  if (staged.length > 0) await restoreIndex(place, { from, to });
}

async function indexLeft(
  place: Place,
  paths: readonly string[],
  { from, to }: Commits,
  signal: AbortSignal,
): Promise<IndexLeft> {
  const notAsBefore = await differingInIndex(place, paths, from, signal);
  const since = new Set(await differingInIndex(place, notAsBefore, to, signal));
  return { staged: notAsBefore.filter((path) => !since.has(path)), stagedSince: [...since] };
}

/** Those of the paths whose index entries are not as in the commit. */
async function differingInIndex(
  place: Place,
  paths: readonly string[],
  commit: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { stdout } = await place.git(['diff-index', '--cached', '--name-only', '-z', commit, '--'], { signal });
  const differ = new Set(fields(stdout));
  return paths.filter((path) => differ.has(path));
}

/** Files and index entries that differ between the commits; what is staged or changed elsewhere stays as it is. */
async function restoreFiles(place: Place, now: string, { from, to }: Commits, signal: AbortSignal): Promise<void> {
  const { tree, lost } = await onto(place, now, to, from, signal);
  if (lost.length > 0) throw notUndone({ reason: standing(lost), files: 'untouched' });
  await place.git(['update-index', '-q', '--refresh'], { signal, accept: [1] });
  const restored = await place.git(['read-tree', '-m', '-u', to, from], { signal: undefined, accept: FAILED });
  if (restored.code === 0) return;
  throw notUndone(await bringBack(place, now, tree, reasonOf(restored)));
}

/** For files that are back already, so that git is not to look at them. What is staged elsewhere stays. */
async function restoreIndex(place: Place, { from, to }: Commits): Promise<void> {
  await place.git(['read-tree', '-i', '-m', to, from], { signal: undefined });
  await place.git(['update-index', '-q', '--refresh'], { signal: undefined, accept: [1] });
}

async function requireNothingHalfDone(place: Place, signal: AbortSignal): Promise<void> {
  const unfinished = await halfDone(place, signal);
  if (unfinished) throw blocked(unfinished.message, 'Then undo again.');
}

function notUndone({ reason, files }: WriteFailure): OrchestratorError {
  const fix = 'Mend that, then undo again.';
  if (files === 'untouched') return blocked(`The files could not be written: ${reason}`, fix);
  if (files === 'taken-back') {
    const message = `git failed while it wrote files, and what it had written was taken back: ${reason}`;
    return new OrchestratorError('undo-blocked', message, { fix });
  }
  return new OrchestratorError('git-failed', `git failed while it wrote files, and some are written: ${reason}`, {
    fix,
  });
}

function changedSince(found: readonly string[], inPlace: boolean): OrchestratorError {
  const paths = [...new Set(found)];
  const more = paths.length > 10 ? ` and ${paths.length - 10} more` : '';
  // A stash would take away what was applied beside uncommitted changes, too.
  const putAway = inPlace ? 'Take back what you did to them since' : 'Put away what you did to them ("git stash")';
  const fix = `${putAway}, then undo again.`;
  return blocked(`These files were changed since it was applied: ${paths.slice(0, 10).join(', ')}${more}.`, fix);
}

function blocked(what: string, fix: string): OrchestratorError {
  return new OrchestratorError('undo-blocked', `${what} Nothing was changed.`, { fix });
}
