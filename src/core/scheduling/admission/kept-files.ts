import type { Subtask } from '../../model/plan.ts';
import { isSatisfied, type RunState, type SubtaskState } from '../../model/run.ts';
import { scopesOverlap, writableBy } from '../../model/scope.ts';
import { urgentSubtasks } from '../pinned.ts';
import type { SubtaskCheck } from './check.ts';

/**
 * The files of a pinned subtask that only waits for what is in work are kept free for it: else others that need a part
 * of them each could keep it waiting for as long as there are any.
 */
export const filesAreNotKept: SubtaskCheck = ({ run }, { subtask }) => {
  const { id } = subtask;
  for (const pinned of run.pinned) {
    const state = run.subtasks.get(pinned);
    if (!state || pinned === id || !mayMeet(state.subtask, subtask) || !waitsForWork(run, state)) continue;
    // What it waits for, and what is as urgent, is not held up.
    if (urgentSubtasks(run).has(id)) return undefined;
    return { waitsFor: 'scope', reason: `its files are kept free for "${pinned}", which is pinned` };
  }
  return undefined;
};

/** Whether all that keeps it from starting is in work, and nobody is asked about that. */
function waitsForWork(run: RunState, { subtask, status, paused }: SubtaskState): boolean {
  if (status !== 'waiting' || paused) return false;
  const missing = subtask.dependsOn.filter((id) => !isSatisfied(run.subtasks.get(id)?.status));
  if (missing.length > 0) return missing.every((id) => isUnderWay(run, id));
  for (const id of [...run.inWork, ...run.preparing.keys()]) {
    const other = run.subtasks.get(id)?.subtask;
    if (!other || mayMeet(other, subtask)) return isUnderWay(run, id);
  }
  return false;
}

const mayMeet = (a: Subtask, b: Subtask): boolean => scopesOverlap(writableBy(a), writableBy(b));

const isUnderWay = (run: RunState, id: string): boolean =>
  run.preparing.has(id) || (run.inWork.has(id) && run.subtasks.get(id)?.returned?.asks !== true);
