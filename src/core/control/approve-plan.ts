import type { RunContext } from '../context.ts';
import { OrchestratorError } from '../model/error.ts';
import type { Plan } from '../model/plan.ts';
import { baseRef, snapshotMessage } from '../model/refs.ts';
import type { RunState } from '../model/run.ts';
import { linkProblems } from '../planning/check-links.ts';
import { estimateRun } from '../scheduling/estimate.ts';
import { estimateText } from '../scheduling/estimate-text.ts';

/** Asks for the plan as it is, and again when it is changed meanwhile. */
export async function approvePlan(context: RunContext, signal: AbortSignal): Promise<boolean> {
  const { journal, repository } = context;
  const dirtyPaths = journal.state.uncommitted ? [] : await repository.dirtyPaths(signal);
  const figures = await context.history.figures();
  for (;;) {
    const { id: run, task, plan, planVersion, settings, branch } = journal.state;
    if (!plan) throw new OrchestratorError('internal', 'The run has no plan.');
    const { checkCommands, concurrency } = settings;
    const estimate = estimateText(estimateRun(plan, concurrency, figures));
    const question = {
      run,
      task,
      plan,
      caps: settings,
      estimate,
      dirtyPaths,
      branch,
      checkCommands,
      checks: settings.checks ?? [],
      setupCommands: settings.setupCommands ?? [],
    };
    const withdrawn = new AbortController();
    const either = AbortSignal.any([signal, withdrawn.signal]);
    const isChanged = ({ planVersion: now }: RunState): boolean => now !== planVersion;
    try {
      const answer = await Promise.race([
        context.approvals.approvePlan(question, either),
        journal.until(isChanged, either).then(() => undefined),
      ]);
      if (!answer || isChanged(journal.state)) continue;
      if (!answer.approved) {
        await journal.record({ type: 'plan.rejected' });
        return false;
      }
      const snapshot = answer.includeUncommitted ? await snapshotFor(context, plan, either) : undefined;
      // The snapshot took its time.
      if (isChanged(journal.state)) continue;
      await journal.record({ type: 'plan.approved', by: answer.by, ...(snapshot === undefined ? {} : { snapshot }) });
      return true;
    } finally {
      withdrawn.abort(new OrchestratorError('cancelled', 'The plan was changed.'));
    }
  }
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
