import { OrchestratorError } from '../model/error.ts';
import type { Subtask } from '../model/plan.ts';
import { isInWork, isSatisfied, type SubtaskStatus } from '../model/run.ts';
import type { MutableRun, MutableSubtask } from './mutable.ts';

/** Takes a subtask into the run: waiting, or in the state in which it was there before. Its index is `indexSubtasks`. */
export function addSubtask(run: MutableRun, subtask: Subtask, before?: MutableSubtask): void {
  if (before) before.subtask = subtask;
  run.subtasks.set(subtask.id, before ?? fresh(subtask));
  for (const dependency of distinct(subtask.dependsOn)) {
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
  const done = new Set<string>();
  for (const { subtask, status } of run.subtasks.values()) if (isSatisfied(status)) done.add(subtask.id);
  for (const state of run.subtasks.values()) {
    const { subtask, status } = state;
    const needs = distinct(subtask.dependsOn);
    state.missing = done.size === 0 ? needs.length : needs.filter((id) => !done.has(id)).length;
    if (status === 'waiting' && state.missing === 0) run.ready.add(subtask.id);
    if (isInWork(status)) run.inWork.add(subtask.id);
    if (isWorking(status)) run.working.add(subtask.id);
  }
}

/** The one way to change a subtask's status, so that the indexes stay true. Costs as much as the change touches. */
export function setStatus(run: MutableRun, state: MutableSubtask, status: SubtaskStatus): void {
  const before = state.status;
  if (before === status) return;
  (state as { status: SubtaskStatus }).status = status;
  const { id } = state.subtask;
  if (state.missing === 0) {
    if (before === 'waiting') {
      run.ready.delete(id);
      run.preparing.delete(id);
    } else if (status === 'waiting') run.ready.add(id);
  }
  if (isInWork(before) !== isInWork(status)) put(run.inWork, id, isInWork(status));
  if (isWorking(before) !== isWorking(status)) put(run.working, id, isWorking(status));
  const step = Number(isSatisfied(before)) - Number(isSatisfied(status));
  if (step !== 0) for (const dependant of run.dependants.get(id) ?? []) count(run, dependant, step);
}

/** A subtask misses more or fewer of its dependencies. */
function count(run: MutableRun, id: string, step: number): void {
  const state = run.subtasks.get(id);
  if (!state) return;
  const wasReady = state.missing === 0;
  state.missing += step;
  const isReady = state.missing === 0;
  if (state.status === 'waiting' && wasReady !== isReady) put(run.ready, id, isReady);
}

function put(set: Set<string>, id: string, isIn: boolean): void {
  if (isIn) set.add(id);
  else set.delete(id);
}

const isWorking = (status: SubtaskStatus): boolean => status === 'running' || status === 'validating';

/** More are looked through faster in a set. */
const FEW = 8;

/** The very same ids where none is named twice. */
function distinct(ids: readonly string[]): readonly string[] {
  if (ids.length < 2 || (ids.length <= FEW && ids.every((id, place) => ids.indexOf(id) === place))) return ids;
  return [...new Set(ids)];
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
    room: undefined,
    forgiven: 0,
    paused: false,
    skipping: false,
    backOff: undefined,
    result: undefined,
    returned: undefined,
    startedAt: undefined,
    endedAt: undefined,
    place: undefined,
    missing: 0,
  };
}
