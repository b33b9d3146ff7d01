import type { RunState, SubtaskState } from '../model/run.ts';
import { scopesOverlap } from './scope.ts';

/** Why a subtask that has not started waits; a person reads it. */
export type Admission = { readonly start: true } | { readonly start: false; readonly reason: string };

/** Ids of the subtasks to start now, in the plan's order. The result alone never exceeds what is free. */
export function nextToStart(run: RunState): string[] {
  const chosen: SubtaskState[] = [];
  for (const candidate of run.subtasks.values()) {
    if (admit(run, candidate, chosen).start) chosen.push(candidate);
  }
  return chosen.map((state) => state.subtask.id);
}

/** Says why a waiting subtask does not start now, or undefined when nothing holds it. */
export function waitingReason(run: RunState, id: string): string | undefined {
  const state = run.subtasks.get(id);
  if (state?.status !== 'waiting') return undefined;
  const admission = admit(run, state, []);
  return admission.start ? undefined : admission.reason;
}

/** Ids of subtasks in work: they have a worker, or a result that is not integrated yet. */
function inWork(run: RunState): SubtaskState[] {
  return [...run.subtasks.values()].filter(
    ({ status }) => status === 'running' || status === 'validating' || status === 'integrating',
  );
}

function admit(run: RunState, candidate: SubtaskState, chosen: readonly SubtaskState[]): Admission {
  if (candidate.status !== 'waiting') return wait('it has been started');
  if (run.status !== 'running' || run.cancelling) return wait('the run does not start subtasks now');
  const missing = candidate.subtask.dependsOn.filter((id) => run.subtasks.get(id)?.status !== 'completed');
  if (missing.length > 0) return wait(`waits for ${missing.map((id) => `"${id}"`).join(', ')}`);
  if (run.costUsd >= run.settings.maxCostUsd)
    return wait(`the spending cap of $${run.settings.maxCostUsd.toFixed(2)} is reached`);
  const busy = [...inWork(run), ...chosen];
  const overlapping = busy.find(({ subtask }) => scopesOverlap(subtask.scope, candidate.subtask.scope));
  if (overlapping) return wait(`may change the same files as "${overlapping.subtask.id}"`);
  const workers = busy.filter(({ status }) => status !== 'integrating').length;
  if (workers >= run.settings.concurrency) return wait(`all ${run.settings.concurrency} workers are busy`);
  return { start: true };
}

function wait(reason: string): Admission {
  return { start: false, reason };
}
