import { Detached, type RunContext } from '../context.ts';
import { explain, OrchestratorError } from '../model/error.ts';
import type { Subtask } from '../model/plan.ts';
import { endAttempt, endStopped, validate } from './attempt.ts';
import { attemptState } from './follow.ts';
import { nextStep } from './next-step.ts';
import type { AttemptOutcome } from './verdict.ts';

/**
 * Validates the result of an attempt that has no worker, like that of any other. Resolves with how it ended: where it
 * is not accepted the subtask is `interrupted`, so that it is done by a worker.
 */
export async function judgeCarried(
  context: RunContext,
  id: string,
  subtask: Subtask,
  signal: AbortSignal,
): Promise<AttemptOutcome> {
  const { qualityIterations } = context.journal.state.settings;
  try {
    signal.throwIfAborted();
    if (nextStep(attemptState(context, id), qualityIterations) === 'validate')
      await validate(context, id, subtask, signal);
  } catch (error) {
    if (signal.aborted && signal.reason instanceof Detached) throw error;
    if (signal.aborted) return endStopped(context, id, null);
    // Its commit may be gone.
    if (!(error instanceof OrchestratorError) || error.code !== 'git-failed') throw error;
    return endAttempt(context, id, null, 'interrupted', explain(error));
  }
  const attempt = attemptState(context, id);
  const step = nextStep(attempt, qualityIterations);
  if (step === 'accept') return endAttempt(context, id, null, 'accepted', 'All checks passed.');
  if (step === 'reject' && attempt.carried?.why !== 'reused')
    return endAttempt(context, id, null, 'rejected', 'Its checks did not pass.');
  const why = step === 'give-up' ? 'Its worker was not done with it.' : 'Its checks did not pass.';
  return endAttempt(context, id, null, 'interrupted', why);
}
