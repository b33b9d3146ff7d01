import type { SubtaskCheck } from './check.ts';

export const itIsNotPaused: SubtaskCheck = (_, { paused }) =>
  paused ? { waitsFor: 'pause', reason: 'it is paused' } : undefined;
