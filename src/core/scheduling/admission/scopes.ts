import { scopesOverlap, writableBy } from '../../model/scope.ts';
import type { SubtaskCheck } from './check.ts';

/** A launch asks `ScopeLocks` instead, which says the same faster. */
export const filesAreFree: SubtaskCheck = ({ run }, { subtask }) => {
  const writable = writableBy(subtask);
  for (const other of [...run.inWork, ...run.preparing.keys()]) {
    const taken = run.subtasks.get(other)?.subtask;
    if (other === subtask.id || !scopesOverlap(taken ? writableBy(taken) : [], writable)) continue;
    return { waitsFor: 'scope', reason: `may change the same files as "${other}"` };
  }
  return undefined;
};
