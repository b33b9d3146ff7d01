import type { ApplyPlan } from '../../core/ports/repository.ts';
import { changedFiles } from './changes.ts';
import { personIdentity, writeCommit } from './commit.ts';
import { complaint } from './git.ts';
import { mergeTrees } from './merge.ts';
import type { TreeMerge } from './merge-paths.ts';
import { halfDone, inTheWay, refusal } from './obstacles.ts';
import type { Place } from './place.ts';
import { head, treeOf } from './refs.ts';

type Blocked = Extract<ApplyPlan, { ok: false }>;

/** See the port. The commit has the branch tip as its only parent and the person as its author. */
export async function planApply(
  place: Place,
  result: string,
  base: string,
  message: string,
  signal: AbortSignal,
): Promise<ApplyPlan> {
  const { commit: from, branch } = await head(place, signal);
  if (branch === null) {
    return blocked('detached', 'No branch is checked out: check out the branch the changes belong on.');
  }
  const unfinished = await halfDone(place, signal);
  if (unfinished) return blocked('in-the-way', unfinished.message, unfinished.paths);

  const merged = await onto(place, from, result, base, signal);
  if (!merged.ok) {
    return blocked('conflicts', `The branch ${branch} has changes that conflict with the result.`, merged.conflicts);
  }
  if (merged.tree === (await treeOf(place, from, signal))) {
    return blocked('nothing', `The branch ${branch} already has everything that is in the result.`);
  }
  const files = await changedFiles(place, from, merged.tree, signal);
  const [obstacles, refused, identity] = await Promise.all([
    inTheWay(place, files, signal),
    refusal(place, from, merged.tree, signal),
    personIdentity(place.git, signal),
  ]);
  if (obstacles.length > 0) {
    const message = 'Files in the working tree would be overwritten; commit, stash or move them first.';
    return blocked('in-the-way', message, obstacles);
  }
  if (refused) {
    return blocked('in-the-way', `git would refuse to change the files: ${complaint(refused.stderr)}`, refused.paths);
  }
  const to = await writeCommit(place, { tree: merged.tree, parents: [from], message, identity }, signal);
  return { ok: true, branch, from, to, files };
}

/**
 * The tree with what changed from `base` to `result` done to `tip`. Both are put on top of `base` as single commits, so
 * that `base` is what they are compared with even if the person has rewritten the branch since.
 */
async function onto(place: Place, tip: string, result: string, base: string, signal: AbortSignal): Promise<TreeMerge> {
  const [before, ours, theirs] = await Promise.all([base, tip, result].map((commit) => treeOf(place, commit, signal)));
  if (before === undefined || ours === undefined || theirs === undefined) throw new Error('three trees were asked for');
  if (ours === before || ours === theirs) return { ok: true, tree: theirs };
  const [left, right] = await Promise.all([
    writeCommit(place, { tree: ours, parents: [base], message: 'ours' }, signal),
    writeCommit(place, { tree: theirs, parents: [base], message: 'theirs' }, signal),
  ]);
  return mergeTrees(place, left, right, signal);
}

function blocked(reason: Blocked['reason'], message: string, paths: readonly string[] = []): Blocked {
  return { ok: false, reason, message, paths };
}
