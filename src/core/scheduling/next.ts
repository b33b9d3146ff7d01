import type { RunState, SubtaskState } from '../model/run.ts';
import { scopesOverlap } from '../model/scope.ts';

/** Why a subtask that has not started waits; a person reads it. */
export type Admission = { readonly start: true } | { readonly start: false; readonly reason: string };

/**
 * Ids of the subtasks to start now, in the plan's order. Those in `held` are not started: the caller works on them
 * already, also where the journal has no word of it yet, so each takes a worker's place and keeps its files.
 */
export function nextToStart(run: RunState, held: ReadonlySet<string> = new Set()): string[] {
  const busy = [...run.subtasks.values()].filter((state) => isInWork(state) || held.has(state.subtask.id));
  const chosen: string[] = [];
  for (const candidate of run.subtasks.values()) {
    const { id } = candidate.subtask;
    if (held.has(id) || !admit(run, candidate, busy).start) continue;
    chosen.push(id);
    busy.push(candidate);
  }
  return chosen;
}

/** Says why a waiting subtask does not start now, or undefined when nothing holds it. */
export function waitingReason(run: RunState, id: string): string | undefined {
  const state = run.subtasks.get(id);
  if (state?.status !== 'waiting') return undefined;
  const admission = admit(run, state, [...run.subtasks.values()].filter(isInWork));
  return admission.start ? undefined : admission.reason;
}

/** It has a worker, or a result that is not integrated yet. */
function isInWork({ status }: SubtaskState): boolean {
  return status === 'running' || status === 'validating' || status === 'integrating';
}

function admit(run: RunState, candidate: SubtaskState, busy: readonly SubtaskState[]): Admission {
  if (candidate.status !== 'waiting') return wait('it has been started');
  if (run.status !== 'running' || run.cancelling) return wait('the run does not start subtasks now');
  const missing = candidate.subtask.dependsOn.filter((id) => run.subtasks.get(id)?.status !== 'completed');
  if (missing.length > 0) return wait(`waits for ${missing.map((id) => `"${id}"`).join(', ')}`);
  if (run.costUsd >= run.settings.maxCostUsd)
    return wait(`the spending cap of $${run.settings.maxCostUsd.toFixed(2)} is reached`);
  const overlapping = busy.find(({ subtask }) => scopesOverlap(subtask.scope, candidate.subtask.scope));
  if (overlapping) return wait(`may change the same files as "${overlapping.subtask.id}"`);
  const workers = busy.filter(({ status }) => status !== 'integrating').length;
  if (workers >= run.settings.concurrency) return wait(`all ${run.settings.concurrency} workers are busy`);
  return { start: true };
}

function wait(reason: string): Admission {
  return { start: false, reason };
}
