import type { Journal } from '../journal/journal.ts';
import { type ErrorCode, explain, OrchestratorError } from '../model/error.ts';
import type { ChangedFile } from '../model/event-fields.ts';
import type { EventOf } from '../model/events.ts';
import { applySlot } from '../model/needed-worktrees.ts';
import type { RunState } from '../model/run.ts';
import { worktreeSetUp } from '../model/set-up.ts';
import type { ApplyPlan, Repository } from '../ports/repository.ts';
import { integrationRef } from './integration-ref.ts';

/** What applying the run's result to the person's branch would do now, or what stands in the way. Writes no ref and no file. */
export async function planApply(state: RunState, repository: Repository, signal: AbortSignal): Promise<ApplyPlan> {
  const { integrated, base, application } = state;
  const message = commitMessage(state.plan?.title ?? state.task, state.id);
  const plan = await repository.planApply(integrated, base, message, signal);
  if (plan.ok || plan.reason === 'nothing') return asOfEarlier(state, plan);
  if (state.uncommitted) {
    // Made on uncommitted changes, it may only fit beside them: a commit without them would not be what was checked.
    const inPlace = await repository.planInPlace(integrated, base, signal);
    if (inPlace.ok || inPlace.reason === 'nothing') return asOfEarlier(state, inPlace);
  }
  if (plan.reason !== 'in-the-way' || !application?.isUnderWay) return plan;
  const how = `Undo it ("claude-orchestrator undo ${state.id}"), then apply again.`;
  return { ...plan, message: `Applying this run was cut off in the middle. ${how} ${plan.message}` };
}

/** A plan with nothing left to do, or any other: whether that is so by an earlier apply that nobody could tell of. */
function asOfEarlier({ application, applied }: RunState, plan: ApplyPlan): ApplyPlan {
  return plan.ok || !application?.isUnderWay || applied ? plan : { ...plan, isApplied: true };
}

/**
 * Applies a run's result to the person's branch: all or nothing; with `hooks` only what their own hooks let pass. Throws
 * `apply-blocked` naming what stands in the way, or `nothing-to-apply`; nothing is changed then.
 */
export async function applyRun(
  journal: Journal,
  repository: Repository,
  { hooks }: { readonly hooks: boolean },
  signal: AbortSignal,
): Promise<EventOf<'apply.done'>> {
  let plan = await planApply(journal.state, repository, signal);
  const { application } = journal.state;
  if (application && !plan.ok && plan.isApplied) {
    const files = await repository.changedFiles(application.from, application.to, signal);
    return recordDone(journal, application, files);
  }
  if (plan.ok && hooks) plan = await throughHooks(journal.state, repository, plan, signal);
  if (!plan.ok) {
    const shown = plan.paths.slice(0, 20).join(', ');
    const message = shown === '' ? plan.message : `${plan.message.replace(/\.$/, ':')} ${shown}.`;
    const byHand = `Merge it by hand: git merge ${integrationRef(journal.state.id)}`;
    const code = plan.reason === 'nothing' ? 'nothing-to-apply' : 'apply-blocked';
    throw new OrchestratorError(code, message, {
      fix: plan.reason === 'conflicts' ? byHand : HINTS[plan.reason],
    });
  }
  const { branch, from, to } = plan;
  await journal.record({ type: 'apply.started', branch, from, to, ...(plan.inPlace ? { inPlace: true } : {}) });
  try {
    await repository.apply(plan, signal);
  } catch (error) {
    if (isRefused(error, 'apply-blocked', signal))
      await journal.record({ type: 'apply.failed', detail: explain(error) });
    throw error;
  }
  return recordDone(journal, plan, plan.files);
}

async function recordDone(
  journal: Journal,
  { branch, to, inPlace }: { readonly branch: string; readonly to: string; readonly inPlace?: boolean },
  files: readonly ChangedFile[],
): Promise<EventOf<'apply.done'>> {
  const done: EventOf<'apply.done'> = {
    type: 'apply.done',
    branch,
    commit: to,
    files: [...files],
    ...(inPlace ? { inPlace: true } : {}),
  };
  await journal.record(done);
  return done;
}

/** Lets the person's hooks look at the commit in a worktree that is made ready like a worker's. */
async function throughHooks(
  { id, settings }: RunState,
  repository: Repository,
  plan: Extract<ApplyPlan, { ok: true }>,
  signal: AbortSignal,
): Promise<ApplyPlan> {
  if (plan.inPlace) {
    const message = 'Only files would be written beside your uncommitted changes: there is no commit for a hook.';
    throw new OrchestratorError('apply-blocked', message, {
      fix: 'Commit your changes first, or apply without --hooks.',
    });
  }
  const slot = applySlot(id);
  try {
    const worktree = await repository.openWorktree(slot, plan.to, signal);
    await repository.prepareWorktree(worktree, worktreeSetUp(settings), signal);
    return { ...plan, to: await repository.runCommitHooks(worktree, plan, signal) };
  } finally {
    await repository.closeWorktree(slot);
    await repository.releaseWorktrees();
  }
}

/**
 * Takes back what applying a run's result did to the person's branch, index and files. Throws `undo-blocked` naming what
 * stands in the way; nothing is changed then. The result can be applied again.
 */
export async function undoRun(
  journal: Journal,
  repository: Repository,
  signal: AbortSignal,
): Promise<EventOf<'apply.undone'>> {
  const { application, id } = journal.state;
  if (!application)
    throw new OrchestratorError('wrong-use', `The run ${id} is not applied, so there is nothing to undo.`);
  if (!application.isUnderWay) await journal.record({ type: 'apply.undoing' });
  try {
    await repository.undo(application, signal);
  } catch (error) {
    // What was cut off before still is.
    if (!application.isUnderWay && isRefused(error, 'undo-blocked', signal))
      await journal.record({ type: 'apply.undo-failed', detail: explain(error) });
    throw error;
  }
  const { branch, from, to } = application;
  const undone: EventOf<'apply.undone'> = { type: 'apply.undone', branch, from, to };
  await journal.record(undone);
  return undone;
}

/** Whether everything is as before: it was refused or taken back, or stopped before the first file. */
const isRefused = (error: unknown, code: ErrorCode, signal: AbortSignal): boolean =>
  (signal.aborted && error === signal.reason) ||
  (error instanceof OrchestratorError && (error.code === code || error.code === 'cancelled'));

const HINTS = {
  detached: 'Check out the branch that should get the changes, then apply again.',
  'in-the-way': 'Then apply again.',
  nothing: 'There is nothing to apply.',
} as const;

function commitMessage(title: string, run: string): string {
  return `${title}\n\nMade by Claude Orchestrator, run ${run}.`;
}
