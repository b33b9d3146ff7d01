import { afterChange, type GraphChange, partsOf, subtaskOf } from '../model/graph-change.ts';
import { err, ok, type Result } from '../model/result.ts';
import { isInWork, type RunState, type SubtaskState } from '../model/run.ts';
import { checkPlan } from './check-plan.ts';

/** The person's own plan may be larger than what a planner is asked for. */
const MAX_SUBTASKS = 500;

/** What gives a run that has ended something to do again. */
const REOPENS: ReadonlySet<GraphChange['type']> = new Set([
  'subtask.added',
  'subtask.removed',
  'subtask.split',
  'subtask.skipped',
  'subtask.retried',
]);

/**
 * The change as it may be recorded, undefined when everything is so already, or one sentence for the person on why it
 * can't be and what they can do. Work that has started is never changed, and the graph stays without circles.
 */
export function checkChange(run: RunState, asked: GraphChange): Result<GraphChange | undefined, string> {
  const problem = wrongMoment(run, asked);
  if (problem !== undefined) return err(problem);
  const id = subtaskOf(asked);
  const state = run.subtasks.get(id);
  if (asked.type === 'subtask.added') return checked(run, asked);
  if (!state) return err(`There is no subtask "${id}".`);
  const refusal = refusalOf(run, state, asked);
  if (refusal !== undefined) return err(refusal);
  if (isSo(run, state, asked)) return ok(undefined);
  if (asked.type === 'subtask.split') return checked(run, { ...asked, into: partsOf(state.subtask, asked.into) });
  return checked(run, asked);
}

/** Whether a run that has ended goes on with this change. */
export function reopens(run: RunState, change: GraphChange): boolean {
  return run.endedAt !== undefined && REOPENS.has(change.type);
}

function wrongMoment(run: RunState, { type }: GraphChange): string | undefined {
  if (!run.plan) return 'The run has no plan yet.';
  if (run.endedAt === undefined) return run.cancelling ? 'The run is being cancelled.' : undefined;
  if (!run.approved) return 'The plan of this run was not approved. Start a new run.';
  const isOfPresent = type === 'subtask.pinned' || type === 'subtask.paused';
  return isOfPresent ? 'The run has ended: nothing of it waits to be started.' : undefined;
}

function refusalOf(run: RunState, state: SubtaskState, change: GraphChange): string | undefined {
  const { status, subtask } = state;
  const name = `"${subtask.id}"`;
  if (status === 'completed' && change.type !== 'subtask.unpinned' && change.type !== 'subtask.unpaused')
    return `${name} is merged already. Add a subtask that builds on it instead.`;
  switch (change.type) {
    case 'subtask.removed':
      return startedRefusal(state, 'removed') ?? neededRefusal(run, subtask.id);
    case 'subtask.edited':
      if (Object.values(change.set).every((value) => value === undefined)) return 'Say what is to be changed.';
      return startedRefusal(state, 'edited');
    case 'subtask.split':
      if (change.into.some(({ id }) => id === subtask.id)) return `A part of ${name} needs an id of its own.`;
      if (status === 'skipped') return `${name} is skipped. Retry it first.`;
      return startedRefusal(state, 'split');
    case 'subtask.paused':
      if (change.endWorker && status === 'integrating') return `${name} is being merged: its worker has ended.`;
      return status === 'skipped' ? `${name} is skipped. Retry it first.` : undefined;
    case 'subtask.skipped':
      if (status === 'integrating') return `${name} is being merged.`;
      if (isInWork(status) && !change.endWorker) return `${name} has a worker, which would have to be ended for that.`;
      return undefined;
    case 'subtask.retried':
      return retryRefusal(run, state);
    default:
      return undefined;
  }
}

function startedRefusal({ status, subtask: { id } }: SubtaskState, done: string): string | undefined {
  if (status === 'integrating') return `"${id}" is being merged and can't be ${done} any more.`;
  if (!isInWork(status)) return undefined;
  return `"${id}" has a worker and can't be ${done}. Pause it and end its worker first; unpause it afterwards.`;
}

function neededRefusal(run: RunState, id: string): string | undefined {
  const needing = [...run.subtasks.values()].filter(({ subtask }) => subtask.dependsOn.includes(id));
  const names = needing.map(({ subtask }) => `"${subtask.id}"`).join(', ');
  return names === '' ? undefined : `${names} depend on "${id}". Edit what they depend on first, or skip "${id}".`;
}

function retryRefusal({ endedAt }: RunState, { status, subtask: { id } }: SubtaskState): string | undefined {
  // Nobody starts or ends anything of a run that has ended: it broke off, and goes on with what was left.
  if (endedAt !== undefined) return undefined;
  if (isInWork(status)) return `"${id}" has a worker.`;
  if (status === 'waiting') return `"${id}" waits to be started already.`;
  return undefined;
}

/** Whether the change would change nothing. */
function isSo(run: RunState, { paused, status, subtask, skipping }: SubtaskState, change: GraphChange): boolean {
  switch (change.type) {
    case 'subtask.paused':
      return paused && !(change.endWorker && isInWork(status));
    case 'subtask.unpaused':
      return !paused;
    case 'subtask.pinned':
      return run.pinned.has(subtask.id);
    case 'subtask.unpinned':
      return !run.pinned.has(subtask.id);
    case 'subtask.skipped':
      return status === 'skipped' || skipping;
    case 'subtask.edited':
      return JSON.stringify(afterChange([subtask], change)) === JSON.stringify([subtask]);
    default:
      return false;
  }
}

function checked(run: RunState, change: GraphChange): Result<GraphChange, string> {
  const before = [...run.subtasks.values()].map(({ subtask }) => subtask);
  const subtasks = afterChange(before, change);
  if (subtasks === before) return ok(change);
  const skipped = newlyNamed(change).find((id) => run.subtasks.get(id)?.status === 'skipped');
  if (skipped !== undefined)
    return err(`"${skipped}" is skipped. Retry it first, or name what it would have built on.`);
  const skipping = newlyNamed(change).find((id) => run.subtasks.get(id)?.skipping === true);
  if (skipping !== undefined) return err(`"${skipping}" is being skipped. Name what it would have built on instead.`);
  if (subtasks.length === 0) return err('A run needs a subtask. Cancel the run instead.');
  const plan = checkPlan({ version: 1, title: 'The plan', subtasks }, { maxSubtasks: MAX_SUBTASKS });
  return plan.ok ? ok(change) : err(plan.error.join('; '));
}

/** What the changed subtasks depend on by the person's word. */
function newlyNamed(change: GraphChange): readonly string[] {
  if (change.type === 'subtask.added') return change.definition.dependsOn;
  if (change.type === 'subtask.split') return change.into.flatMap(({ dependsOn }) => dependsOn);
  return change.type === 'subtask.edited' ? (change.set.dependsOn ?? []) : [];
}
