import type { Subtask } from '../model/plan.ts';
import type { SubtaskStatus } from '../model/run.ts';
import type { MutableRun, MutableSubtask } from './mutable.ts';

/** A subtask of these has a worker, or a result that is not integrated yet. */
const IN_WORK: ReadonlySet<SubtaskStatus> = new Set(['running', 'validating', 'integrating']);

/** Takes a subtask into the run, waiting. */
export function addSubtask(run: MutableRun, subtask: Subtask): void {
  run.subtasks.set(subtask.id, {
    subtask,
    status: 'waiting',
    reason: undefined,
    attempts: [],
    result: undefined,
    startedAt: undefined,
    endedAt: undefined,
  });
  for (const dependency of new Set(subtask.dependsOn)) {
    const dependants = run.dependants.get(dependency);
    if (dependants) dependants.push(subtask.id);
    else run.dependants.set(dependency, [subtask.id]);
  }
}

/** Finds anew which subtasks are ready and which are in work; costs as much as the run has subtasks. */
export function indexSubtasks(run: MutableRun): void {
  run.ready.clear();
  run.inWork.clear();
  run.working.clear();
  run.missing.clear();
  for (const state of run.subtasks.values()) {
    const needs = new Set(state.subtask.dependsOn);
    let missing = 0;
    for (const id of needs) if (run.subtasks.get(id)?.status !== 'completed') missing += 1;
    run.missing.set(state.subtask.id, missing);
    place(run, state);
  }
}

/** The one way to change a subtask's status, so that the indexes stay true. Costs as much as the change touches. */
export function setStatus(run: MutableRun, state: MutableSubtask, status: SubtaskStatus): void {
  const before = state.status;
  if (before === status) return;
  (state as { status: SubtaskStatus }).status = status;
  place(run, state);
  const step = Number(before === 'completed') - Number(status === 'completed');
  if (step === 0) return;
  for (const id of run.dependants.get(state.subtask.id) ?? []) {
    run.missing.set(id, (run.missing.get(id) ?? 0) + step);
    const dependant = run.subtasks.get(id);
    if (dependant) place(run, dependant);
  }
}

function place(run: MutableRun, { subtask: { id }, status }: MutableSubtask): void {
  put(run.ready, id, status === 'waiting' && run.missing.get(id) === 0);
  put(run.inWork, id, IN_WORK.has(status));
  put(run.working, id, status === 'running' || status === 'validating');
}

function put(set: Set<string>, id: string, isIn: boolean): void {
  if (isIn) set.add(id);
  else set.delete(id);
}
