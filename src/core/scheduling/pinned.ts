import { isSatisfied, type RunState } from '../model/run.ts';

/** Ids of the unfinished subtasks that are pinned or that a pinned one waits for, in the order of the pins. */
export function urgentSubtasks(run: RunState): Set<string> {
  const urgent = new Set<string>();
  for (const pinned of run.pinned) {
    const open = [pinned];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      const state = run.subtasks.get(id);
      if (!state || urgent.has(id) || isSatisfied(state.status)) continue;
      urgent.add(id);
      open.push(...state.subtask.dependsOn);
    }
  }
  return urgent;
}
