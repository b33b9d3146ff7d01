import type { AttemptState } from './run.ts';

/** First wait before another attempt after an infrastructure failure; doubles with each, with jitter. */
const RETRY_MS = 1_000;

/**
 * How many of these attempts failed for reasons that say nothing about the work, and count. One that failed while the API
 * failed everybody does not: the breaker lets it wait until that is over.
 */
export function countedFailures(attempts: readonly AttemptState[]): number {
  return attempts.filter(({ ended, inOutage }) => ended?.outcome === 'infrastructure' && !inOutage).length;
}

/** How long the next attempt waits after so many of them, in milliseconds. `jitter` from 0 up to 1. */
export function backOffMs(failures: number, jitter: number): number {
  return Math.round(RETRY_MS * 2 ** Math.max(failures - 1, 0) * (0.5 + jitter));
}
