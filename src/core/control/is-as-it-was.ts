import type { Subtask } from '../model/plan.ts';
import type { RunState } from '../model/run.ts';

/** Whether a subtask that was to be started still is, and is the same: people change plans at any moment. */
export function isAsItWas({ paused, ready, subtasks }: RunState, subtask: Subtask): boolean {
  const now = subtasks.get(subtask.id);
  return !paused && ready.has(subtask.id) && now?.paused === false && now.subtask === subtask;
}
