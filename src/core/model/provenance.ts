import type { AttemptState } from './run.ts';

/** Where the result of an attempt comes from where that is no worker's, or why it is one's; undefined for nothing to say. */
export function provenance({ carried, notReused }: Pick<AttemptState, 'carried' | 'notReused'>): string | undefined {
  if (carried?.why === 'person') return 'a conflict that a person resolved';
  if (carried) return `result of the run ${carried.from.run}, ${carried.why === 'restored' ? 'restored' : 're-used'}`;
  return notReused === undefined ? undefined : `not re-used: ${notReused}`;
}
