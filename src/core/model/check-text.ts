import type { CheckEvidence, CheckSummary } from './checks.ts';

/** How a check fared, in a few words for a person. */
export function checkText({ last, flaky, known }: CheckSummary): string {
  const words = [outcomeText(last)];
  if (flaky > 0) words.push(flaky === 1 ? 'flaky' : `flaky ${flaky} times`);
  if (known) words.push('failed before too');
  return words.join(', ');
}

export function outcomeText({ outcome, exitCode, durationMs }: CheckEvidence): string {
  const seconds = `${(durationMs / 1000).toFixed(1)} s`;
  switch (outcome) {
    case 'passed':
      return `passed in ${seconds}`;
    case 'failed':
      return `failed with exit code ${exitCode ?? 'none'} in ${seconds}`;
    case 'timed-out':
      return `took longer than ${seconds}`;
    case 'not-started':
      return 'could not be started';
  }
}
