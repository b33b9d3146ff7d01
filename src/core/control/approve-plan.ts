import type { RunContext } from '../context.ts';
import { OrchestratorError } from '../model/error.ts';
import type { RunState } from '../model/run.ts';
import { estimateRun, estimateText } from '../scheduling/estimate.ts';

/** Asks for the plan as it is, and again when it is changed meanwhile. */
export async function approvePlan(context: RunContext, signal: AbortSignal): Promise<boolean> {
  const { journal, repository } = context;
  const dirtyPaths = journal.state.uncommitted ? [] : await repository.dirtyPaths(signal);
  for (;;) {
    const { id: run, task, plan, planVersion, settings, branch } = journal.state;
    if (!plan) throw new OrchestratorError('internal', 'The run has no plan.');
    const { checkCommands, concurrency } = settings;
    const estimate = estimateText(estimateRun(plan, concurrency));
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
      await journal.record(answer.approved ? { type: 'plan.approved', by: answer.by } : { type: 'plan.rejected' });
      return answer.approved;
    } finally {
      withdrawn.abort(new OrchestratorError('cancelled', 'The plan was changed.'));
    }
  }
}
