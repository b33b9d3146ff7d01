import { afterChange, type GraphChange } from '../model/graph-change.ts';
import { isInWork, type SubtaskStatus } from '../model/run.ts';
import type { MutableRun, MutableSubtask } from './mutable.ts';
import { addSubtask, indexSubtasks, setStatus, subtaskIn } from './status.ts';

/** What keeps a subtask from being done, until it is retried. */
const HOPELESS: ReadonlySet<SubtaskStatus> = new Set(['failed', 'blocked', 'cancelled']);

/**
 * Folds a change of the graph, which was checked before it was recorded. `at` in milliseconds since 1970. Costs as much
 * as the run has subtasks: people change graphs seldom.
 */
export function foldGraph(run: MutableRun, change: GraphChange, at: number): void {
  run.planVersion += 1;
  switch (change.type) {
    case 'subtask.pinned':
      run.pinned.add(change.subtask);
      return;
    case 'subtask.unpinned':
      run.pinned.delete(change.subtask);
      return;
    case 'subtask.paused':
      subtaskIn(run, change.subtask).paused = true;
      if (change.endWorker) endWorkerOf(run, change.subtask);
      return;
    case 'subtask.unpaused':
      subtaskIn(run, change.subtask).paused = false;
      return;
    case 'subtask.skipped':
      skip(run, subtaskIn(run, change.subtask), at);
      replan(run, change);
      break;
    case 'subtask.retried':
      retry(run, change.subtask);
      break;
    default:
      replan(run, change);
  }
  settleBlocked(run);
}

/** Marks all that waits for a failed or cancelled subtask, and nothing else, as blocked. */
export function settleBlocked(run: MutableRun): void {
  for (const state of run.subtasks.values()) {
    if (state.status !== 'blocked') continue;
    setStatus(run, state, 'waiting');
    state.reason = undefined;
  }
  for (const { status, subtask } of run.subtasks.values())
    if (status === 'failed' || status === 'cancelled') block(run, subtask.id, status);
}

/** Blocks what waits for a subtask, directly or not. */
export function block(run: MutableRun, cause: string, why: 'failed' | 'cancelled'): void {
  for (const state of dependantsOf(run, cause, ({ status }) => status === 'waiting')) {
    setStatus(run, state, 'blocked');
    state.reason = `It does not start because "${cause}" ${why === 'failed' ? 'failed' : 'was cancelled'}.`;
  }
}

function skip(run: MutableRun, state: MutableSubtask, at: number): void {
  // A conflict that waits for a person has no worker.
  if (isInWork(state.status) && !state.returned?.asks) {
    state.skipping = true;
    endWorkerOf(run, state.subtask.id);
    return;
  }
  setStatus(run, state, 'skipped');
  state.reason = undefined;
  state.returned = undefined;
  state.endedAt = at;
}

function endWorkerOf(run: MutableRun, subtask: string): void {
  const attempt = run.attempts.get(subtaskIn(run, subtask).attempts.at(-1) ?? '');
  if (attempt && !attempt.ended) attempt.ending = true;
}

function retry(run: MutableRun, id: string): void {
  const own = subtaskIn(run, id);
  own.paused = false;
  if (own.status === 'waiting') {
    // The run had broken off: it goes on as it was left, but for what kept it waiting.
    own.forgiven = own.attempts.length;
    own.backOff = undefined;
    return;
  }
  const again = new Set<MutableSubtask>();
  const open = [id];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const state = run.subtasks.get(next);
    if (!state || again.has(state) || !(HOPELESS.has(state.status) || (next === id && state.status === 'skipped')))
      continue;
    again.add(state);
    open.push(...state.subtask.dependsOn);
  }
  for (const state of again) reopen(run, state);
  // What was cancelled with them goes on with them. A result of one counts no more: it was made without them.
  for (const { subtask } of again)
    for (const dependant of dependantsOf(run, subtask.id, ({ status }) => status === 'cancelled'))
      reopen(run, dependant);
}

function reopen(run: MutableRun, state: MutableSubtask): void {
  setStatus(run, state, 'waiting');
  state.forgiven = state.attempts.length;
  state.reason = undefined;
  state.result = undefined;
  state.returned = undefined;
  state.endedAt = undefined;
  state.skipping = false;
  state.backOff = undefined;
}

function replan(run: MutableRun, change: GraphChange): void {
  const before = new Map(run.subtasks);
  const after = afterChange(
    [...before.values()].map(({ subtask }) => subtask),
    change,
  );
  run.subtasks.clear();
  run.dependants.clear();
  for (const subtask of after) addSubtask(run, subtask, before.get(subtask.id));
  indexSubtasks(run);
  for (const id of run.preparing.keys()) if (!run.subtasks.has(id)) run.preparing.delete(id);
  run.pinned = new Set([...run.pinned].flatMap((id) => (run.subtasks.has(id) ? [id] : partsIn(change, id))));
  if (run.plan) run.plan = { ...run.plan, subtasks: [...after] };
}

/** What takes the place of a subtask that is gone. */
function partsIn(change: GraphChange, gone: string): readonly string[] {
  return change.type === 'subtask.split' && change.subtask === gone ? change.into.map(({ id }) => id) : [];
}

function dependantsOf(run: MutableRun, id: string, fits: (state: MutableSubtask) => boolean): MutableSubtask[] {
  const found = new Set<MutableSubtask>();
  const open = [id];
  for (let from = open.pop(); from !== undefined; from = open.pop()) {
    for (const name of run.dependants.get(from) ?? []) {
      const state = subtaskIn(run, name);
      if (found.has(state) || !fits(state)) continue;
      found.add(state);
      open.push(name);
    }
  }
  return [...found];
}
