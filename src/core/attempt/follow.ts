import { askPermission } from '../approvals/ask.ts';
import { decide, type PolicyAnswer } from '../approvals/policy.ts';
import type { RunContext } from '../context.ts';
import type { AttemptExit, PermissionDecision } from '../model/attempt-files.ts';
import { OrchestratorError } from '../model/error.ts';
import type { RunEvent } from '../model/events.ts';
import type { PermissionFrame, ResultFrame } from '../model/frames.ts';
import { summarize } from '../model/plain-text.ts';
import { redactDeep } from '../model/redact.ts';
import type { AttemptState } from '../model/run.ts';
import type { StreamLine, WorkerHandle } from '../ports/workers.ts';
import { apiErrorIn, ingest, messageIn } from './ingest.ts';
import { TokenMeter } from './token-meter.ts';

/**
 * Reads a worker's stream to its end, takes it into the journal and answers its questions. `onTurn` runs after each
 * turn, while the worker waits. A stream that was partly read before is read again from the start: what the journal has
 * is not recorded twice, but questions without an answer are answered then.
 */
export async function follow(
  context: RunContext,
  id: string,
  handle: WorkerHandle,
  onTurn: (frame: ResultFrame, isNew: boolean) => Promise<void>,
  signal: AbortSignal,
): Promise<AttemptExit> {
  // Ends the reading when a question can't be answered, and withdraws what is still asked when the attempt ends.
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const asked = new Map<string, Promise<void>>();
  const meter = new TokenMeter();
  let turnsSeen = 0;
  let apiError: string | undefined;
  let message: string | undefined;
  try {
    for await (const line of handle.lines(0, either)) {
      const attempt = attemptState(context, id);
      meter.take(line.text);
      // Only the turn that goes on can be stopped.
      const isPassed = attempt.budgetTokens > 0 && meter.tokens > attempt.budgetTokens;
      if (isPassed && turnsSeen === attempt.turns && !attempt.ended)
        await handle.send({ id: `budget-${turnsSeen}`, type: 'interrupt' });
      apiError = apiErrorIn(line) ?? apiError;
      message = messageIn(line) ?? message;
      const ingested = ingest(line, id, attempt.turns, apiError);
      if (!ingested) continue;
      const isNew = line.to > attempt.ingested;
      if (isNew) {
        const event = withoutSecrets(context, line, id, attempt.turns, apiError) ?? ingested.event;
        const ends = event.type === 'attempt.turn-ended' && message !== undefined;
        await context.journal.record(ends ? { ...event, message } : event);
      }
      if (ingested.frame.type === 'result') {
        apiError = undefined;
        turnsSeen += 1;
        meter.settle(attemptState(context, id).usage);
        await onTurn(ingested.frame, isNew);
      }
      // A question that comes again while it waits for its answer is the same question.
      if (ingested.frame.type === 'control_request' && !asked.has(ingested.frame.request_id)) {
        const { request_id: request } = ingested.frame;
        const answer = answerPermission(context, id, ingested.frame, handle, either).catch((error: unknown) =>
          stop.abort(error),
        );
        asked.set(request, answer);
        void answer.finally(() => asked.delete(request));
      }
    }
    return await handle.exited(either);
  } finally {
    stop.abort();
    await Promise.allSettled(asked.values());
  }
}

/** Of a line whose secrets were taken out before anything in it is shortened; undefined where it holds none. */
function withoutSecrets(
  context: RunContext,
  line: StreamLine,
  id: string,
  turns: number,
  apiError: string | undefined,
): RunEvent | undefined {
  const text = context.journal.redact(line.text);
  return text === line.text ? undefined : ingest({ ...line, text }, id, turns, apiError)?.event;
}

async function answerPermission(
  context: RunContext,
  id: string,
  frame: PermissionFrame,
  handle: WorkerHandle,
  signal: AbortSignal,
): Promise<void> {
  const request = frame.request_id;
  const { tool_name: tool, input } = frame.request;
  const earlier = attemptState(context, id).decisions.get(request);
  let decision: PermissionDecision;
  if (earlier) {
    // It may have been decided at this very moment, from elsewhere.
    await context.journal.durable();
    decision =
      earlier === 'allow'
        ? { behavior: 'allow', updatedInput: input }
        : { behavior: 'deny', message: 'This was denied.' };
  } else {
    const { allow, reason } = await decidePermission(context, id, frame, signal);
    decision = allow
      ? { behavior: 'allow', updatedInput: input }
      : { behavior: 'deny', message: reason || `${tool} was denied.` };
  }
  await handle.send({ id: `permission-${request}`, type: 'permission', requestId: request, decision });
}

async function decidePermission(
  context: RunContext,
  id: string,
  frame: PermissionFrame,
  signal: AbortSignal,
): Promise<{ allow: boolean; reason: string }> {
  const { tool_name: tool, input } = frame.request;
  const { state } = context.journal;
  const attempt = attemptState(context, id);
  const { worktree } = attempt;
  const { checkCommands } = state.settings;
  const policy: PolicyAnswer =
    attempt.subtask === null
      ? { answer: 'deny', reason: 'A planner only reads inside the repository.' }
      : decide(tool, input, { worktree, checkCommands, concern: concernOf(frame) });
  if (policy.answer !== 'ask') {
    const { answer: behavior, reason } = policy;
    const { request_id: request } = frame;
    await context.journal.record({ type: 'permission.decided', attempt: id, request, behavior, by: 'policy', reason });
    return { allow: behavior === 'allow', reason };
  }
  const question = {
    run: state.id,
    attempt: id,
    subtask: attempt.subtask,
    request: frame.request_id,
    tool,
    ...shown(tool, redactDeep(input, context.journal.redact)),
  };
  return askPermission(context, question, signal);
}

function shown(tool: string, input: Readonly<Record<string, unknown>>) {
  return { input, summary: summarize(tool, input) };
}

function concernOf({ request }: PermissionFrame): string | undefined {
  const { decision_reason_type: type, decision_reason: reason } = request;
  return type === 'safetyCheck' || type === 'workingDir' ? (reason ?? 'the CLI found it unsafe') : undefined;
}

/** The attempt as the journal has it. */
export function attemptState(context: RunContext, id: string): AttemptState {
  const attempt = context.journal.state.attempts.get(id);
  if (!attempt) throw new OrchestratorError('internal', `The attempt "${id}" is not in the journal.`);
  return attempt;
}

/**
 * Ends an attempt's whole process tree and waits until it is gone. Rejects when the host goes away meanwhile: whoever
 * resumes the run waits on.
 */
export async function endWorker({ detached }: RunContext, id: string, handle: WorkerHandle): Promise<AttemptExit> {
  await handle.send({ id: `cancel-${id}`, type: 'cancel' });
  return handle.exited(detached);
}
