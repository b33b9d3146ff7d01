import { OrchestratorError } from '../model/error.ts';
import type { Subtask } from '../model/plan.ts';
import { isInWork, isSatisfied, type SubtaskStatus } from '../model/run.ts';
import type { MutableRun, MutableSubtask } from './mutable.ts';

/** Takes a subtask into the run: waiting, or in the state in which it was there before. Its index is `indexSubtasks`. */
export function addSubtask(run: MutableRun, subtask: Subtask, before?: MutableSubtask): void {
  if (before) before.subtask = subtask;
  run.subtasks.set(subtask.id, before ?? fresh(subtask));
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
    for (const id of needs) if (!isSatisfied(run.subtasks.get(id)?.status)) missing += 1;
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
  const step = Number(isSatisfied(before)) - Number(isSatisfied(status));
  if (step === 0) return;
  for (const id of run.dependants.get(state.subtask.id) ?? []) {
    run.missing.set(id, (run.missing.get(id) ?? 0) + step);
    const dependant = run.subtasks.get(id);
    if (dependant) place(run, dependant);
  }
}

function place(run: MutableRun, { subtask: { id }, status }: MutableSubtask): void {
  put(run.ready, id, status === 'waiting' && run.missing.get(id) === 0);
  put(run.inWork, id, isInWork(status));
  put(run.working, id, status === 'running' || status === 'validating');
}

function put(set: Set<string>, id: string, isIn: boolean): void {
  if (isIn) set.add(id);
  else set.delete(id);
}

/** A subtask that the journal names; throws `journal-damaged` when it is not in the plan. */
export function subtaskIn(run: MutableRun, id: string): MutableSubtask {
  const subtask = run.subtasks.get(id);
  if (!subtask)
    throw new OrchestratorError('journal-damaged', `The journal names the subtask "${id}", which is not in its plan.`);
  return subtask;
}

function fresh(subtask: Subtask): MutableSubtask {
  return {
    subtask,
    status: 'waiting',
    reason: undefined,
    attempts: [],
    forgiven: 0,
    paused: false,
    skipping: false,
    backOff: undefined,
    result: undefined,
    returned: undefined,
    startedAt: undefined,
    endedAt: undefined,
  };
}
