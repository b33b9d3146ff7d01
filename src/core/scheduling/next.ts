import { isSatisfied, type RunState, type SubtaskState } from '../model/run.ts';
import { scopesOverlap } from '../model/scope.ts';
import { reserve } from './spending.ts';

/** Why a subtask that has not started waits; a person reads it. */
export type Admission =
  | { readonly start: true; readonly budgetUsd: number }
  | { readonly start: false; readonly reason: string };

/** Says why a waiting subtask does not start now, or undefined when nothing holds it. */
export function waitingReason(run: RunState, id: string): string | undefined {
  const state = run.subtasks.get(id);
  if (state?.status !== 'waiting') return undefined;
  const admission = admit(run, state, statesOf(run, run.inWork), 0);
  return admission.start ? undefined : admission.reason;
}

function statesOf(run: RunState, ids: ReadonlySet<string>): SubtaskState[] {
  return [...ids].flatMap((id) => run.subtasks.get(id) ?? []);
}

/** Whether the run starts subtasks at all now. */
export function admitsSubtasks(run: RunState): boolean {
  return run.status === 'running' && !run.cancelling && !run.paused;
}

function admit(run: RunState, candidate: SubtaskState, busy: readonly SubtaskState[], pendingUsd: number): Admission {
  if (candidate.status !== 'waiting') return wait('it has been started');
  if (run.paused) return wait('the run is paused');
  if (candidate.paused) return wait('it is paused');
  if (!admitsSubtasks(run)) return wait('the run does not start subtasks now');
  const missing = candidate.subtask.dependsOn.filter((id) => !isSatisfied(run.subtasks.get(id)?.status));
  if (missing.length > 0) return wait(`waits for ${missing.map((id) => `"${id}"`).join(', ')}`);
  const overlapping = busy.find(({ subtask }) => scopesOverlap(subtask.scope, candidate.subtask.scope));
  if (overlapping) return wait(`may change the same files as "${overlapping.subtask.id}"`);
  const workers = busy.filter(({ status }) => status !== 'integrating').length;
  if (workers >= run.settings.concurrency) return wait(`all ${run.settings.concurrency} workers are busy`);
  const money = reserve(run, pendingUsd);
  return money.ok ? { start: true, budgetUsd: money.usd } : wait(money.reason);
}

function wait(reason: string): Admission {
  return { start: false, reason };
}
