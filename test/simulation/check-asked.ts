import type { ControlOrder } from '../../src/core/model/control.ts';
import type { EventOf, RunEvent } from '../../src/core/model/events.ts';
import { type GraphChange, isGraphChange } from '../../src/core/model/graph-change.ts';
import { isInWork, type RunState, type SubtaskState, type SubtaskStatus } from '../../src/core/model/run.ts';
import { checkPlan } from '../../src/core/planning/check-plan.ts';
import { closure } from './check-start.ts';
import type { Truth } from './truth.ts';

/** So long an owner takes to read a request and to wait for what is just being started. */
const ANSWER_MS = 120_000;

/** What must hold when something that a person asked for becomes part of the journal; `state` is the one before it. */
export function checkAsked(truth: Truth, state: RunState, event: RunEvent): void {
  if (event.type === 'attempt.launching') checkPauses(truth, state, event);
  if (event.type === 'control.handled') {
    truth.must(!state.handled.has(event.request), 'asked-once', `${event.request} is obeyed twice`);
    truth.must(event.outcome === 'accepted' || event.reason !== '', 'named-reason', `${event.request} is refused`);
    const key = `${event.order.split(' ')[0]} ${event.outcome}`;
    truth.asked.set(key, (truth.asked.get(key) ?? 0) + 1);
  }
  if (event.type === 'run.reopened')
    for (const { id, at, order } of truth.requests)
      truth.must(
        state.handled.has(id) || at >= truth.openedAt || makesGoOn(order),
        'asked-is-answered',
        `${id} came too late for the end and would be obeyed now`,
      );
  if (isGraphChange(event)) checkUntouched(truth, state, event);
}

/** What can only be meant for a run that has ended, or as well for one. */
const makesGoOn = (order: ControlOrder): boolean =>
  order.type === 'change' && /^subtask\.(added|removed|split|skipped|retried)$/.test(order.change.type);

/** A subtask before an event. */
export type Before = Pick<SubtaskState, 'status' | 'returned'>;

/** Whether nobody has said yet what comes of it. */
const isLeft = (status: SubtaskStatus | undefined): boolean =>
  status !== undefined && (status === 'waiting' || isInWork(status));

/** What must hold of the plan after any event; `before` is the subtask that it is about, as it was. */
export function checkGraph(truth: Truth, state: RunState, event: RunEvent, before: Before | undefined): void {
  if (!isGraphChange(event)) return;
  const subtasks = [...state.subtasks.values()].map(({ subtask }) => subtask);
  const checked = checkPlan({ version: 1, title: 'The plan', subtasks }, { maxSubtasks: 500 });
  truth.must(checked.ok, 'graph-is-whole', checked.ok ? '' : checked.error.join('; '));
  checkObeyed(truth, state, event, before);
}

/** Whether a change has come to what the person meant; `state` is the one after it. */
function checkObeyed(truth: Truth, state: RunState, event: GraphChange, before: Before | undefined): void {
  if (event.type === 'subtask.added') return;
  const { type, subtask: id } = event;
  const own = state.subtasks.get(id);
  const told = (holds: boolean, what: string): void => truth.must(holds, 'asked-is-done', `${type} of ${id}: ${what}`);
  const isEnded = (own?.attempts ?? []).every((one) => {
    const attempt = state.attempts.get(one);
    return attempt === undefined || attempt.ended !== undefined || attempt.ending;
  });
  const isOver = ['failed', 'cancelled', 'blocked'];
  if (type === 'subtask.skipped') told(own?.status === 'skipped' || isEnded, 'its worker goes on');
  if (type === 'subtask.paused') told(own?.paused === true, 'it is not paused');
  if (type === 'subtask.paused' && event.endWorker) told(isEnded, 'its worker goes on');
  if (type === 'subtask.unpaused') told(own?.paused === false, 'it is paused');
  const pinned = [...truth.ledger.pinned].sort().join();
  told([...state.pinned].sort().join() === pinned, `instead of ${pinned} other subtasks come first`);
  if (type === 'subtask.removed' || type === 'subtask.split') told(own === undefined, 'it is still there');
  if (type !== 'subtask.retried' || !own) return;
  const wasLeft = isLeft(before?.status);
  told(own.status === (wasLeft ? before?.status : 'waiting'), `it is ${own.status}`);
  told(!own.paused && (!own.backOff || isInWork(own.status)), 'it still waits');
  // What came back is gone on with where nobody gave it up.
  told(wasLeft ? own.returned === before?.returned : !own.returned, 'it goes on with something else');
  for (const name of closure(state, id))
    told(!isOver.includes(state.subtasks.get(name)?.status ?? ''), `${name} has still failed`);
}

/** What must hold when a run has ended: nothing that was asked in time is left without an answer. */
export function checkAnswered(truth: Truth, state: RunState): void {
  for (const { id, at } of truth.requests) {
    if (state.handled.has(id)) continue;
    const waited = truth.now() - Math.max(at, truth.ownedSince);
    truth.must(waited < ANSWER_MS, 'asked-is-answered', `${id} was asked ${waited} ms before the end`);
  }
}

/** What must hold when an attempt begins. */
export function checkPauses(
  truth: Truth,
  state: RunState,
  { subtask, attempt }: Pick<EventOf<'attempt.launching'>, 'subtask' | 'attempt'>,
): void {
  if (subtask === null) return;
  truth.must(!state.paused, 'pause-holds', `${attempt} is begun while the run is paused`);
  const own = state.subtasks.get(subtask);
  truth.must(own !== undefined, 'graph-is-whole', `${attempt} is begun for what is not in the plan`);
  truth.must(own?.paused !== true, 'pause-holds', `${attempt} is begun while ${subtask} is paused`);
  truth.must(!truth.ledger.skipped.has(subtask), 'pause-holds', `${attempt} is begun though ${subtask} was skipped`);
  truth.must(own?.status !== 'skipped', 'pause-holds', `${attempt} is begun though ${subtask} is skipped`);
}

function checkUntouched(truth: Truth, state: RunState, event: GraphChange): void {
  if (event.type === 'subtask.added') return;
  const { subtask: id } = event;
  const status = state.subtasks.get(id)?.status;
  const isStarted = status === undefined || status === 'completed' || isInWork(status);
  const changes = event.type === 'subtask.edited' || event.type === 'subtask.split' || event.type === 'subtask.removed';
  truth.must(!changes || !isStarted, 'started-is-untouched', `${event.type} of ${id}, which is ${status}`);
  const isAgain = event.type !== 'subtask.retried' || !isLeft(status) || truth.ledger.isReopened;
  truth.must(isAgain, 'started-is-untouched', `${id} is tried again though the run goes on and it is ${status}`);
  // What was started without a subtask does not build on it afterwards.
  if (event.type !== 'subtask.retried' && event.type !== 'subtask.split') return;
  for (const { subtask, status: other } of state.subtasks.values()) {
    const isBuiltUpon = subtask.dependsOn.includes(id) && (other === 'completed' || isInWork(other));
    truth.must(!isBuiltUpon, 'started-is-untouched', `${event.type} of ${id}, on which ${subtask.id} rests`);
  }
}
