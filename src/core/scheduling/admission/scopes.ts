import { scopesOverlap } from '../../model/scope.ts';
import type { SubtaskCheck } from './check.ts';

/** A launch asks `ScopeLocks` instead, which says the same faster. */
export const filesAreFree: SubtaskCheck = ({ run }, { subtask: { id, scope } }) => {
  for (const other of run.inWork) {
    if (other === id || !scopesOverlap(run.subtasks.get(other)?.subtask.scope ?? [], scope)) continue;
    return { waitsFor: 'scope', reason: `may change the same files as "${other}"` };
  }
  return undefined;
};
