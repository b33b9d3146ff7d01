import { OrchestratorError } from '../../core/model/error.ts';
import type { ApplyPlan } from '../../core/ports/repository.ts';
import { applyInPlace, notApplied } from './person-files.ts';
import type { Place } from './place.ts';
import { head } from './refs.ts';
import { takeBack, whatIsLeft } from './undo.ts';
import { FAILED, NEVER, reasonOf, type WriteFailure } from './write-over.ts';

type Ready = Extract<ApplyPlan, { ok: true }>;

/** Refusals that git makes before it writes the first file. A lock of a branch is none: git moves that last. */
const REFUSED = new RegExp(
  `^(error|fatal): (${[
    'Your local changes to the following files would be overwritten',
    'The following untracked working tree files would be (overwritten|removed)',
    'Updating the following directories would lose untracked files',
    "Unable to create '.*index\\.lock': File exists",
    'Not possible to fast-forward',
    'You have not concluded',
    '.* because you have unmerged files',
  ].join('|')})`,
  'm',
);

/**
 * See the port. Throws `apply-blocked` when something changed since the plan was made, or git failed: then files, index
 * and branch are as they were. Asking again for what has been applied already does nothing, so it can be repeated after a
 * crash.
 */
export async function apply(place: Place, plan: Ready, signal: AbortSignal): Promise<void> {
  if (plan.inPlace) return applyInPlace(place, plan.from, plan.to, signal);
  const now = await head(place, signal);
  if (now.branch !== plan.branch) {
    throw blocked(`The branch ${now.branch ?? 'HEAD (detached)'} is checked out now instead of ${plan.branch}.`);
  }
  if (now.commit === plan.to) return;
  if (now.commit !== plan.from) {
    throw blocked(`The branch ${plan.branch} has moved from ${plan.from.slice(0, 9)} to ${now.commit.slice(0, 9)}.`);
  }
  if (signal.aborted) throw new OrchestratorError('cancelled', 'Applying was stopped before anything was written.');
  const args = ['merge', '--ff-only', '--no-overwrite-ignore', '--no-autostash', '--no-squash', '--no-stat', '--quiet'];
  const merged = await place.git([...args, '--no-verify-signatures', plan.to], {
    // Not to be stopped half way: it would leave some files changed and others not.
    signal: undefined,
    env: { GIT_REFLOG_ACTION: 'claude-orchestrator apply' },
    accept: FAILED,
  });
  if (merged.code === 0) return;
  const reason = reasonOf(merged);
  if (REFUSED.test(merged.stderr)) throw blocked(`git refused: ${reason}`);
  // The first reason is what counts; undo will say what stands in its way.
  const files = await afterFailure(place, plan).catch(() => 'half-written' as const);
  if (files !== 'all-written') throw notApplied({ reason, files });
}

/** Takes back what git had written when it failed, and says what became of it. */
async function afterFailure(place: Place, { branch, from, to }: Ready): Promise<WriteFailure['files'] | 'all-written'> {
  const now = await head(place, NEVER);
  // The branch is what git moves last.
  if (now.branch === branch && now.commit === to) return 'all-written';
  if (now.branch !== branch || now.commit !== from) return 'half-written';
  const cutOff = { from, to, inPlace: false, isUnderWay: true };
  const left = await whatIsLeft(place, cutOff, NEVER);
  if (left.written.length + left.staged.length === 0) return 'untouched';
  await takeBack(place, cutOff, left, NEVER);
  return 'taken-back';
}

function blocked(what: string): OrchestratorError {
  return new OrchestratorError('apply-blocked', `${what} Nothing was changed.`, {
    fix: 'Look at the changes again and apply them then.',
  });
}
