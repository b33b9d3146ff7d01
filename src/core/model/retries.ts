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

/**
 * How many of these attempts, the last ones, were lost one after the other while the run was driven, before a turn of
 * theirs had ended. Those that nobody watched are passed over: they may have gone down with the machine.
 */
export function lossesInARow(attempts: readonly AttemptState[]): number {
  let losses = 0;
  for (const { ended, turns } of attempts.toReversed()) {
    if (ended?.outcome !== 'interrupted' || turns > 0) break;
    if (ended.lost) losses += 1;
  }
  return losses;
}

/** How long the next attempt waits after so many of them, in milliseconds. `jitter` from 0 up to 1. */
export function backOffMs(failures: number, jitter: number): number {
  return Math.round(RETRY_MS * 2 ** Math.max(failures - 1, 0) * (0.5 + jitter));
}
