import { OrchestratorError } from '../../core/model/error.ts';
import type { ApplyPlan } from '../../core/ports/repository.ts';
import { complaint } from './git.ts';
import { applyInPlace } from './person-files.ts';
import type { Place } from './place.ts';
import { head } from './refs.ts';

/** Refusals that git makes before it writes the first file. */
const REFUSED =
  /would be overwritten|would lose untracked|not uptodate|\.lock': File exists|Not possible to fast-forward|not concluded|unmerged/;

/**
 * See the port. Throws `apply-blocked` when something changed since the plan was made: then nothing was written. Asking
 * again for what has been applied already does nothing, so it can be repeated after a crash.
 */
export async function apply(place: Place, plan: Extract<ApplyPlan, { ok: true }>, signal: AbortSignal): Promise<void> {
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
    accept: [1, 2, 128],
  });
  if (merged.code === 0) return;
  const reason = complaint(merged.stderr);
  if (REFUSED.test(merged.stderr)) throw blocked(`git refused: ${reason}`);
  throw new OrchestratorError('git-failed', `git merge failed in ${place.root}: ${reason}`, {
    fix: 'Look at "git status" there before you try again.',
  });
}

function blocked(what: string): OrchestratorError {
  return new OrchestratorError('apply-blocked', `${what} Nothing was changed.`, {
    fix: 'Look at the changes again and apply them then.',
  });
}
