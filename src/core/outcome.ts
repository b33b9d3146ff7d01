import type { EventOf } from './model/events.ts';
import { isSatisfied, type RunState } from './model/run.ts';
import type { Conditions } from './scheduling/admission/check.ts';
import { waitingFor } from './scheduling/waiting.ts';

export type Outcome = EventOf<'run.ended'>['outcome'];

/** How a run ends of which nothing is left to start and nothing is in work. */
export function outcomeOf(run: RunState): Outcome {
  return [...run.subtasks.values()].every(({ status }) => isSatisfied(status)) ? 'completed' : 'failed';
}

/** The same in words, for a person. */
export function summary(run: RunState, now: Conditions): string {
  const states = [...run.subtasks.values()];
  const done = states.filter(({ status }) => status === 'completed').length;
  const failed = states.filter(({ status }) => status === 'failed').map(({ subtask }) => `"${subtask.id}"`);
  const skipped = states.filter(({ status }) => status === 'skipped').length;
  const without = skipped > 0 ? `, ${skipped} skipped` : '';
  const tail = failed.length > 0 ? `; failed: ${failed.join(', ')}` : '';
  const ready = states.filter(({ subtask }) =>
    subtask.dependsOn.every((id) => isSatisfied(run.subtasks.get(id)?.status)),
  );
  const held = ready
    .map(({ subtask }) => waitingFor(run, subtask.id, now)?.reason)
    .find((reason) => reason !== undefined);
  return `${done} of ${states.length} subtasks are merged${without}${tail}${held === undefined ? '' : `; ${held}`}.`;
}
