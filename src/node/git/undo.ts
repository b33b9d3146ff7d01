import { OrchestratorError } from '../../core/model/error.ts';
import type { Application } from '../../core/model/run.ts';
import { changedFiles } from './changes.ts';
import { complaint, fields } from './git.ts';
import { halfDone } from './obstacles.ts';
import { applyInPlace, treeOfFiles, writeOver } from './person-files.ts';
import type { Place } from './place.ts';
import { head } from './refs.ts';

/**
 * See the port. Looks at everything before it changes anything; files first, the branch last, so that it can be done
 * again after it was cut off. Throws `undo-blocked` when the person has gone on since: then nothing was changed.
 */
export async function undo(place: Place, application: Application, signal: AbortSignal): Promise<void> {
  const { branch, from, to, inPlace } = application;
  const paths = (await changedFiles(place, from, to, signal)).map(({ path }) => path);
  const now = await treeOfFiles(place, signal);
  const differing = async (commit: string): Promise<string[]> => {
    const other = new Set((await changedFiles(place, commit, now, signal)).map(({ path }) => path));
    return paths.filter((path) => other.has(path));
  };
  const isBack = (await differing(from)).length === 0;
  const changed = isBack ? [] : await differing(to);
  if (inPlace) {
    if (isBack) return;
    if (changed.length > 0) throw changedSince(changed);
    return applyInPlace(place, to, from, signal);
  }
  const { commit, branch: current } = await head(place, signal);
  if (current !== branch) {
    const fix = `Check out ${branch}, then undo again.`;
    throw blocked(`The branch ${current ?? 'HEAD (detached)'} is checked out now instead of ${branch}.`, fix);
  }
  if (commit === from && isBack) return;
  const unfinished = await halfDone(place, signal);
  if (commit === from) {
    // Git itself was ended while it applied: some files are written, index and branch are not.
    if (unfinished) throw blocked(unfinished.message, 'Then undo again.');
    const neither = new Set(await differing(to));
    const foreign = (await differing(from)).filter((path) => neither.has(path));
    if (foreign.length > 0) throw changedSince(foreign);
    return writeOver(place, now, to, from, signal);
  }
  if (commit !== to) {
    const fix = `To take it back all the same: git revert ${to.slice(0, 12)}`;
    throw blocked(`The branch ${branch} has moved on since it was applied.`, fix);
  }
  if (unfinished) throw blocked(unfinished.message, 'Then undo again.');
  if (changed.length > 0) throw changedSince(changed);
  if (!isBack) await restoreFiles(place, to, from, paths, signal);
  // Not to be stopped any more: files and branch go together.
  const message = ['-m', 'claude-orchestrator undo'];
  await place.git(['update-ref', ...message, `refs/heads/${branch}`, from, to], { signal: undefined });
}

/** Files and index entries that differ between the commits; what is staged or changed elsewhere stays as it is. */
async function restoreFiles(
  place: Place,
  to: string,
  from: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const { stdout } = await place.git(['diff-index', '--cached', '--name-only', '-z', to, '--'], { signal });
  const staged = new Set(fields(stdout));
  const since = paths.filter((path) => staged.has(path));
  if (since.length > 0) throw changedSince(since);
  await place.git(['update-index', '-q', '--refresh'], { signal, accept: [1] });
  const restored = await place.git(['read-tree', '-m', '-u', to, from], { signal: undefined, accept: [128] });
  if (restored.code !== 0) throw blocked(`git refused: ${complaint(restored.stderr)}`, 'Then undo again.');
}

function changedSince(paths: readonly string[]): OrchestratorError {
  const more = paths.length > 10 ? ` and ${paths.length - 10} more` : '';
  const fix = 'Commit or stash what you did to them, then undo again.';
  return blocked(`These files were changed since it was applied: ${paths.slice(0, 10).join(', ')}${more}.`, fix);
}

function blocked(what: string, fix: string): OrchestratorError {
  return new OrchestratorError('undo-blocked', `${what} Nothing was changed.`, { fix });
}
