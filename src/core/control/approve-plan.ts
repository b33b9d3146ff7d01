import type { RunContext } from '../context.ts';
import { OrchestratorError } from '../model/error.ts';
import type { SubtaskFigures } from '../model/figures.ts';
import type { Plan } from '../model/plan.ts';
import { baseRef, snapshotMessage } from '../model/refs.ts';
import type { RunState } from '../model/run.ts';
import { linkProblems } from '../planning/check-links.ts';
import type { PlanQuestion } from '../ports/approvals.ts';
import { estimateRun } from '../scheduling/estimate.ts';
import { estimateText } from '../scheduling/estimate-text.ts';

/** What a person is told who is to approve a plan. */
export function planQuestion(
  { id: run, task, settings, branch }: RunState,
  plan: Plan,
  known: { readonly dirtyPaths: readonly string[]; readonly figures: readonly SubtaskFigures[] },
): PlanQuestion {
  const { checkCommands, concurrency } = settings;
  return {
    ...{ run, task, plan, branch, checkCommands, caps: settings, dirtyPaths: known.dirtyPaths },
    estimate: estimateText(estimateRun(plan, concurrency, known.figures)),
    checks: settings.checks ?? [],
    setupCommands: settings.setupCommands ?? [],
  };
}

/** Asks for the plan as it is, and again when it is changed meanwhile. */
export async function approvePlan(context: RunContext, signal: AbortSignal): Promise<boolean> {
  const { journal, repository } = context;
  const dirtyPaths = journal.state.uncommitted ? [] : await repository.dirtyPaths(signal);
  const figures = await context.history.figures();
  for (;;) {
    if (journal.state.rejected) return false;
    const { plan, planVersion } = journal.state;
    if (!plan) throw new OrchestratorError('internal', 'The run has no plan.');
    const question = planQuestion(journal.state, plan, { dirtyPaths, figures });
    const withdrawn = new AbortController();
    const either = AbortSignal.any([signal, withdrawn.signal]);
    // A person may have answered from another window or terminal.
    const isChanged = ({ planVersion: now, approved, rejected }: RunState): boolean =>
      now !== planVersion || approved || rejected;
    try {
      const answer = await Promise.race([
        context.approvals.approvePlan(question, either),
        journal.until(isChanged, either).then(() => undefined),
      ]);
      if (journal.state.approved) return await approvedElsewhere(journal);
      if (!answer || isChanged(journal.state)) continue;
      if (!answer.approved) {
        await journal.record({ type: 'plan.rejected' });
        return false;
      }
      const snapshot = answer.includeUncommitted ? await snapshotFor(context, plan, either) : undefined;
      // The snapshot took its time.
      if (journal.state.approved) return await approvedElsewhere(journal);
      if (isChanged(journal.state)) continue;
      await journal.record({ type: 'plan.approved', by: answer.by, ...(snapshot === undefined ? {} : { snapshot }) });
      return true;
    } finally {
      withdrawn.abort(new OrchestratorError('cancelled', 'The plan was changed.'));
    }
  }
}

/** What follows from it rests on it. */
async function approvedElsewhere(journal: RunContext['journal']): Promise<true> {
  await journal.durable();
  return true;
}

/** The person's files as they are; undefined where there is nothing that the run's base lacks. */
async function snapshotFor(
  { journal, repository }: RunContext,
  plan: Plan,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { id, base } = journal.state;
  const snapshot = await repository.snapshotFiles(baseRef(id), snapshotMessage(id), signal);
  if (snapshot === base) return undefined;
  const problems = await linkProblems(plan, repository, snapshot, signal);
  if (problems.length === 0) return snapshot;
  throw new OrchestratorError('bad-plan', `The plan does not fit your uncommitted changes: ${problems.join('; ')}.`);
}
