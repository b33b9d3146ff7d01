import { planOf, subtask } from '../unit/recorded-run.ts';
import type { Case, Fault } from './case.ts';

/** One subtask of which nothing goes wrong, nor is anything tried again. */
export const plain: Omit<Case, 'seed' | 'faults'> = {
  plan: planOf(subtask('a', [], ['a.js'])),
  concurrency: 2,
  infrastructureRetries: 0,
  qualityIterations: 0,
  behaviours: {},
  clashes: [],
  spoils: [],
  costUsd: 0,
  maxCostUsd: 5,
};

/** A fault at the nth time that a point is reached; for a minute, where it lasts. */
export const strike = (type: Fault['type'], at: string, nth = 1): Fault => ({ type, at, nth, ms: 60_000 });
