import { type ControlOrder, DENIED } from '../model/control.ts';
import type { RunEvent } from '../model/events.ts';
import { err, ok, type Result } from '../model/result.ts';
import { PLAN_QUESTION, type RunState } from '../model/run.ts';

/** What follows from a person's answer to a question of the run, or why it does not count. */
export function answerQuestion(
  run: RunState,
  { question, allow, planVersion }: Extract<ControlOrder, { type: 'answer' }>,
): Result<readonly RunEvent[], string> {
  if (question === PLAN_QUESTION) {
    if (run.status !== 'awaiting-approval' || run.rejected) return err('No plan waits for approval.');
    if (planVersion !== run.planVersion) return err('The plan was changed since you saw it. Look at it again.');
    return ok([allow ? { type: 'plan.approved', by: 'person' } : { type: 'plan.rejected' }]);
  }
  const asked = run.permissions.get(question);
  // What the policy decides nobody is asked.
  if (asked?.asked === undefined)
    return err(run.answered.has(question) ? 'It was answered before.' : 'Nobody asks that now.');
  const { attempt, request } = asked;
  const reason = allow ? '' : DENIED;
  const behavior = allow ? 'allow' : 'deny';
  return ok([{ type: 'permission.decided', attempt, request, behavior, by: 'person', reason }]);
}
