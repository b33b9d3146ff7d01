import type { RunState, SubtaskState } from '../model/run.ts';
import { scopesOverlap } from '../model/scope.ts';
import { reserve } from './spending.ts';

/** Why a subtask that has not started waits; a person reads it. */
export type Admission =
  | { readonly start: true; readonly budgetUsd: number }
  | { readonly start: false; readonly reason: string };

export interface Launch {
  readonly id: string;
  /** What its attempt may spend, in US dollars. */
  readonly budgetUsd: number;
}

/**
 * The subtasks to start now, in the order in which they became ready. Those in `held` are not started: the caller works on them already,
 * also where the journal has no word of it yet, so each takes a worker's place, keeps its files and has its budget.
 */
export function nextToStart(run: RunState, held: ReadonlyMap<string, number> = new Map()): Launch[] {
  const busy = statesOf(run, new Set([...run.inWork, ...held.keys()]));
  let workers = busy.filter(({ status }) => status !== 'integrating').length;
  const chosen: Launch[] = [];
  let pendingUsd = pending(run, held);
  for (const id of run.ready) {
    if (workers >= run.settings.concurrency) break;
    const candidate = run.subtasks.get(id);
    if (!candidate || held.has(id)) continue;
    const admission = admit(run, candidate, busy, pendingUsd);
    if (!admission.start) continue;
    chosen.push({ id, budgetUsd: admission.budgetUsd });
    busy.push(candidate);
    workers += 1;
    pendingUsd += admission.budgetUsd;
  }
  return chosen;
}

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

/** Budgets of held subtasks that no open attempt in the journal stands for. */
function pending(run: RunState, held: ReadonlyMap<string, number>): number {
  let usd = 0;
  for (const [id, budgetUsd] of held) {
    const last = run.attempts.get(run.subtasks.get(id)?.attempts.at(-1) ?? '');
    if (!last || last.ended) usd += budgetUsd;
  }
  return usd;
}

function admit(run: RunState, candidate: SubtaskState, busy: readonly SubtaskState[], pendingUsd: number): Admission {
  if (candidate.status !== 'waiting') return wait('it has been started');
  if (run.status !== 'running' || run.cancelling) return wait('the run does not start subtasks now');
  if (run.paused) return wait('the run is paused');
  const missing = candidate.subtask.dependsOn.filter((id) => run.subtasks.get(id)?.status !== 'completed');
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
