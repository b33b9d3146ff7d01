import { settleUndriven } from '../core/control/decide.ts';
import type { ControlAnswer, ControlOrder, ControlRequest } from '../core/model/control.ts';
import { OrchestratorError } from '../core/model/error.ts';
import { AnswerWatch, hasOwner } from '../node/control/answer.ts';
import { appendRequest, controlInbox } from '../node/control/inbox.ts';
import { lockOwner } from '../node/state/lock.ts';
import { controlFile } from '../node/state/paths.ts';
import { systemClock, systemRandom } from '../node/system.ts';
import { ignore, resume } from './drive.ts';
import { knownRun, type Opened, owning } from './opened.ts';

/** A process that drives a run and has not answered by then does something else. */
const ANSWER_MS = 30_000;

export interface Asked extends ControlAnswer {
  /** Whether somebody drives the run, so that what was accepted has its effect now. */
  readonly driven: boolean;
}

/** See `Host.ask`. */
export async function ask(opened: Opened, id: string, order: ControlOrder, signal: AbortSignal): Promise<Asked> {
  const { paths, driven, options } = opened;
  knownRun(paths, id);
  const request: ControlRequest = {
    ...{ version: 1, id: systemRandom.id(), at: systemClock.now() },
    ...{ by: options.holder, order },
  };
  const own = driven.get(id);
  if (own) {
    await appendRequest(controlFile(paths, id), request);
    await own.until(({ handled, endedAt }) => handled.has(request.id) || endedAt !== undefined, signal);
    // One that came too late stays unanswered in the inbox, for `settleUndriven`: the journal is being closed.
    const answer = own.state.handled.get(request.id) ?? { outcome: 'refused', reason: 'The run has just ended.' };
    return { ...answer, driven: true };
  }
  if (hasOwner(paths, id)) {
    const answer = await askOwner(opened, request, id, signal);
    if (answer) return { ...answer, driven: true };
  }
  if (order.type === 'cancel' && knownRun(paths, id).endedAt === undefined) {
    await resume(opened, id, ignore, AbortSignal.abort(new OrchestratorError('cancelled', 'It was cancelled.')));
    return { outcome: 'accepted', reason: '', driven: true };
  }
  // Whoever drove it may have taken the request in and died before this could see it.
  const inbox = controlInbox(controlFile(paths, id), (message) => options.logger.warn(message));
  const answer = await owning(opened, id, [], ignore, (journal) => settleUndriven(journal, inbox, request));
  return { ...answer, driven: false };
}

/** undefined: its owner is gone without a word. */
async function askOwner(
  { paths }: Opened,
  request: ControlRequest,
  id: string,
  signal: AbortSignal,
): Promise<ControlAnswer | undefined> {
  const watch = new AnswerWatch(paths, id, request.id);
  await appendRequest(controlFile(paths, id), request);
  const tooLate = AbortSignal.timeout(ANSWER_MS);
  try {
    await watch.answered(AbortSignal.any([signal, tooLate]));
  } catch (error) {
    if (!tooLate.aborted || signal.aborted) throw error;
    const holder = lockOwner(paths.locks)?.holder ?? 'Its owner';
    throw new OrchestratorError('repository-owned', `${holder} does not answer.`, {
      fix: 'What you asked for is done when somebody goes on with this run.',
    });
  }
  return knownRun(paths, id).handled.get(request.id);
}
