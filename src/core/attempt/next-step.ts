import type { AttemptState } from '../model/run.ts';
import { isSpent } from '../model/spent.ts';

/**
 * What an attempt needs next:
 * `wait` for the worker · `capture` what it left · `validate` that · `send-back` the findings · `accept` or `reject`
 * the result · `break-off` because its budget is used up, and the next attempt goes on · `give-up` because its session
 * failed.
 */
export type Step = 'wait' | 'capture' | 'validate' | 'send-back' | 'accept' | 'reject' | 'break-off' | 'give-up';

/** Follows from the attempt's state alone, so that a live run and a resumed one take the same way. */
export function nextStep(attempt: AttemptState, qualityIterations: number): Step {
  const { turns, lastTurn, captured, validated } = attempt;
  if (turns === 0 || lastTurn === undefined || attempt.sentBackTurn === turns) return 'wait';
  const isCut = (lastTurn.failure === 'budget' || lastTurn.failure === 'other') && isSpent(attempt);
  if (lastTurn.failure !== null && !isCut) return 'give-up';
  if (captured?.turn !== turns) return 'capture';
  if (isCut) return 'break-off';
  if (validated?.turn !== turns) return 'validate';
  if (validated.verdict === 'passed') return 'accept';
  if (attempt.iterations >= qualityIterations) return 'reject';
  return isSpent(attempt) ? 'break-off' : 'send-back';
}
