import type { EventOf } from '../../src/core/model/events.ts';
import type { RunState } from '../../src/core/model/run.ts';
import type { Truth } from './truth.ts';

/** What must hold of the breaker when a worker is launched for a subtask; `at` by the wall clock. */
export function checkBreaker(truth: Truth, state: RunState, event: EventOf<'attempt.launching'>, at: number): void {
  const { quiet } = truth.outages;
  if (!quiet || event.subtask === null || at < quiet.from) return;
  truth.must(
    at >= quiet.to,
    'breaker',
    `${event.attempt} is launched ${quiet.to - at} ms before the API is asked again`,
  );
  const others = [...state.attempts.values()].filter(
    ({ ended, subtask, startedAt, captured, lastTurn }) =>
      !ended && subtask !== null && startedAt >= quiet.to && !captured && !lastTurn,
  );
  truth.must(others.length === 0, 'breaker', `${event.attempt} is launched while ${others[0]?.id} tries the API`);
}
