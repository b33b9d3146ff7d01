import type { RunContext } from '../context.ts';
import { DENIED } from '../model/control.ts';
import { OrchestratorError } from '../model/error.ts';
import type { RunState } from '../model/run.ts';
import type { PermissionQuestion } from '../ports/approvals.ts';

/**
 * Asks the person, here and wherever they look at the run, until one of them answers. The question with all that is asked
 * is in the journal before it is shown, the decision when this resolves. A question that was decided before is not asked.
 *
 * @param question without secrets
 */
export async function askPermission(
  { journal, approvals }: Pick<RunContext, 'journal' | 'approvals'>,
  question: PermissionQuestion,
  signal: AbortSignal,
): Promise<{ readonly allow: boolean; readonly reason: string }> {
  const { attempt, request } = question;
  const decided = ({ attempts }: RunState) => attempts.get(attempt)?.decisions.get(request);
  if (journal.state.permissions.get(request)?.asked === undefined)
    await journal.record({ type: 'permission.asked', attempt, request, text: askedText(question) });
  const withdrawn = new AbortController();
  const either = AbortSignal.any([signal, withdrawn.signal]);
  try {
    const answer = await Promise.race([
      approvals.decidePermission(question, either),
      journal.until((state) => decided(state) !== undefined, either).then(() => undefined),
    ]);
    const elsewhere = decided(journal.state);
    if (elsewhere) {
      // What follows from it rests on it.
      await journal.durable();
      return { allow: elsewhere === 'allow', reason: elsewhere === 'allow' ? '' : DENIED };
    }
    if (journal.state.attempts.get(attempt)?.ended) return { allow: false, reason: DENIED };
    const { allow, reason } = answer ?? { allow: false, reason: DENIED };
    const behavior = allow ? 'allow' : 'deny';
    await journal.record({ type: 'permission.decided', attempt, request, behavior, by: 'person', reason });
    return { allow, reason };
  } finally {
    withdrawn.abort(new OrchestratorError('cancelled', 'The question was answered elsewhere.'));
  }
}

/** All that is asked, for a person, line for line. */
export function askedText({ tool, input }: Pick<PermissionQuestion, 'tool' | 'input'>): string {
  const fields = Object.entries(input).map(
    ([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return [tool, ...fields].join('\n');
}
