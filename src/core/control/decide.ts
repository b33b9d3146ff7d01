import type { Journal } from '../journal/journal.ts';
import type { ControlAnswer, ControlOrder, ControlRequest } from '../model/control.ts';
import type { EventOf, RunEvent } from '../model/events.ts';
import { subtaskOf } from '../model/graph-change.ts';
import { oneLine } from '../model/plain-text.ts';
import { err, ok, type Result } from '../model/result.ts';
import type { RunState } from '../model/run.ts';
import { checkChange, reopens } from '../planning/check-change.ts';
import type { ControlInbox } from '../ports/control-inbox.ts';
import { answerQuestion } from './answer-question.ts';

/** The events that an order leads to now, none when everything is so already, or why it is refused. */
function decide(run: RunState, order: ControlOrder): Result<readonly RunEvent[], string> {
  if (order.type === 'change') {
    const checked = checkChange(run, order.change);
    if (!checked.ok) return checked;
    const change = checked.value;
    if (!change) return ok([]);
    return ok(reopens(run, change) ? [{ type: 'run.reopened' }, change] : [change]);
  }
  if (run.endedAt !== undefined) return err('The run has ended.');
  if (order.type === 'answer') return answerQuestion(run, order);
  if (order.type === 'cancel') return ok(run.cancelling ? [] : [{ type: 'run.cancelling' }]);
  const paused = order.type === 'pause';
  if (run.paused === paused) return ok([]);
  return ok([{ type: paused ? 'run.paused' : 'run.resumed' }]);
}

/**
 * Decides a request on the run as it is and records what it changes together with what came of it. The state is as
 * decided when this returns its promise, which resolves once that is on disk.
 */
export async function settle(journal: Journal, request: ControlRequest): Promise<ControlAnswer> {
  const decided = decide(journal.state, request.order);
  const events = decided.ok ? decided.value : [];
  const answer: ControlAnswer = decided.ok
    ? { outcome: 'accepted', reason: events.length === 0 ? 'It was so already.' : '' }
    : { outcome: 'refused', reason: decided.error };
  await journal.record(...events, answered(request, answer));
  return answer;
}

/**
 * The same for a run that nobody drives, once. What came too late for its end is refused before: whoever drives a run
 * that goes on again obeys all that nobody has answered. What makes it go on was meant for a run that has ended: whoever
 * asked that has it decided, as this request is.
 */
export async function settleUndriven(
  journal: Journal,
  inbox: Pick<ControlInbox, 'present'>,
  request: ControlRequest,
): Promise<ControlAnswer> {
  const { state } = journal;
  const asked = state.endedAt === undefined ? [] : await inbox.present();
  const isForEnded = ({ order }: ControlRequest): boolean => order.type === 'change' && reopens(state, order.change);
  const late = new Map(asked.filter((one) => !isForEnded(one)).map((one) => [one.id, one]));
  for (const id of [request.id, ...state.handled.keys()]) late.delete(id);
  if (late.size > 0) await journal.record(...[...late.values()].map((one) => answered(one, TOO_LATE)));
  return state.handled.get(request.id) ?? settle(journal, request);
}

const TOO_LATE: ControlAnswer = { outcome: 'refused', reason: 'The run had ended by then.' };

function answered({ id, by, order }: ControlRequest, answer: ControlAnswer): EventOf<'control.handled'> {
  return { type: 'control.handled', request: id, by: oneLine(by, 200), order: nameOf(order), ...answer };
}

/** What the journal calls an order. */
function nameOf(order: ControlOrder): string {
  if (order.type === 'answer') return `${order.allow ? 'allow' : 'deny'} ${oneLine(order.question, 200)}`;
  return order.type === 'change' ? `${order.change.type} ${subtaskOf(order.change)}` : order.type;
}
