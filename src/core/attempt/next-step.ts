import type { AttemptState } from '../model/run.ts';
import { isSpent } from './spent.ts';

/**
 * What an attempt needs next:
 * `wait` for the worker · `capture` what it left · `validate` that · `send-back` the findings · `accept` or `reject`
 * the result · `give-up` because its session failed.
 */
export type Step = 'wait' | 'capture' | 'validate' | 'send-back' | 'accept' | 'reject' | 'give-up';

/** Follows from the attempt's state alone, so that a live run and a resumed one take the same way. */
export function nextStep(attempt: AttemptState, qualityIterations: number): Step {
  const { turns, lastTurn, captured, validated } = attempt;
  if (turns === 0 || lastTurn === undefined || attempt.sentBackTurn === turns) return 'wait';
  if (lastTurn.failure !== null) return 'give-up';
  if (captured?.turn !== turns) return 'capture';
  if (validated?.turn !== turns) return 'validate';
  if (validated.verdict === 'passed') return 'accept';
  return attempt.iterations < qualityIterations && !isSpent(attempt) ? 'send-back' : 'reject';
}
