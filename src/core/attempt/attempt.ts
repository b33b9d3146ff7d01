import { Detached, type RunContext, uncancelled } from '../context.ts';
import type { AttemptExit } from '../model/attempt-files.ts';
import type { AttemptStart } from '../model/attempt-start.ts';
import type { Budget } from '../model/budget.ts';
import type { ArchivedSession } from '../model/checkpoint.ts';
import { explain, OrchestratorError } from '../model/error.ts';
import type { EventOf } from '../model/events.ts';
import type { FileReport } from '../model/findings.ts';
import type { Subtask } from '../model/plan.ts';
import { turnRef } from '../model/refs.ts';
import type { AttemptState } from '../model/run.ts';
import { spentReason } from '../model/spent.ts';
import type { WorkerHandle } from '../ports/workers.ts';
import { checkResult } from './check-result.ts';
import { continuation, returnedSession } from './continuation.ts';
import { attemptState, endWorker, follow } from './follow.ts';
import { nextStep } from './next-step.ts';
import { findingsPrompt } from './prompts.ts';
import { reservation, subtaskSpec } from './spec.ts';
import { closeWorktree, isOfFiles, readyWorktree } from './worktree.ts';

export type AttemptOutcome = EventOf<'attempt.ended'>['outcome'];

const ENDED_BY_PERSON = 'A person ended its worker. What it had done is kept.';

export interface AttemptOrder {
  readonly subtask: Subtask;
  readonly start: AttemptStart;
  readonly budget: Budget;
  /** Why no earlier result was taken instead. */
  readonly notReused: string | undefined;
  /** Asked at the last moment: a person may have changed their mind while the worktree was made. */
  readonly isWanted: () => boolean;
}

/**
 * One attempt at a subtask, from worktree to verdict. Resolves with how it ended, which is in the journal by then; its
 * worktree is closed. Resolves with undefined when it was not wanted any more: then it never began. Rejects with the
 * signal's reason when detached: the worker goes on then.
 */
export async function runAttempt(
  context: RunContext,
  { subtask, start: { base, returned }, budget, notReused, isWanted }: AttemptOrder,
  signal: AbortSignal,
): Promise<AttemptOutcome | undefined> {
  const { journal, workers, random } = context;
  const id = `${subtask.id}-${random.id()}`;
  const { state } = journal;
  const number = (state.subtasks.get(subtask.id)?.attempts.length ?? 0) + 1;
  signal.throwIfAborted();
  const from = await continuation(context, subtask.id, id, base, signal);
  const start = from?.commit ?? returned?.start ?? base;
  workers.expect();
  const worktree = await readyWorktree(context, id, start, signal, subtask.id);
  if (!isWanted()) {
    await closeWorktree(context, id);
    return undefined;
  }
  await journal.record({
    type: 'attempt.launching',
    attempt: id,
    subtask: subtask.id,
    number,
    worktree,
    base: from?.before.base ?? base,
    ...reservation(budget),
    ...(notReused === undefined ? {} : { notReused }),
    ...(returned && !from ? { continues: returned.attempt, start, conflicts: [...returned.conflicts] } : {}),
    ...(from ? { continues: from.before.id, conflicts: [...from.before.conflicts] } : {}),
  });
  const spec = subtaskSpec(
    { attempt: id, number, claude: context.claude, cwd: worktree, settings: state.settings, budget },
    subtask,
    from ?? (returned && { ...returned, session: await returnedSession(context, subtask.id, returned.attempt, id) }),
  );
  // A cancel that came while the intent was written.
  if (journal.state.cancelling) return endAttempt(context, id, null, 'cancelled', 'The run was cancelled.');
  let handle: WorkerHandle;
  let pid: number;
  try {
    const launched = await workers.launch(spec, signal);
    handle = launched.handle;
    pid = launched.pid;
  } catch (error) {
    if (signal.aborted && signal.reason instanceof Detached) throw error;
    if (!signal.aborted) return endAttempt(context, id, null, 'infrastructure', explain(error));
    return endStopped(context, id, null);
  }
  return followAttempt(context, id, subtask, { handle, pid }, signal);
}

/** Follows an attempt whose worker was launched, now (with its pid) or by an earlier owner of the run. */
export async function followAttempt(
  context: RunContext,
  id: string,
  subtask: Subtask,
  { handle, pid }: { handle: WorkerHandle; pid: number | undefined },
  signal: AbortSignal,
): Promise<AttemptOutcome> {
  try {
    if (pid !== undefined) await context.journal.record({ type: 'attempt.launched', attempt: id, pid });
    const exit = await follow(context, id, handle, () => advance(context, id, subtask, handle, signal), signal);
    return await settle(context, id, exit);
  } catch (error) {
    if (signal.aborted && signal.reason instanceof Detached) throw error;
    const exit = await endWorker(context, id, handle);
    // What goes wrong with its own files concerns no other subtask.
    if (!signal.aborted && isOfFiles(error)) return endAttempt(context, id, exit.code, 'rejected', explain(error));
    if (!signal.aborted) {
      await endAttempt(context, id, exit.code, 'infrastructure', explain(error));
      throw error;
    }
    return endStopped(context, id, exit.code);
  }
}

/**
 * Goes on with an attempt that an earlier owner of the run launched, or was about to. One that was never started is
 * taken away from whoever might still start it.
 */
export async function resumeAttempt(
  context: RunContext,
  id: string,
  subtask: Subtask,
  signal: AbortSignal,
): Promise<AttemptOutcome> {
  const handle = await context.workers.attach(id, uncancelled());
  if (!handle) return endAttempt(context, id, null, 'interrupted', 'It was never started.');
  return followAttempt(context, id, subtask, { handle, pid: undefined }, signal);
}

/** Takes the steps that the attempt needs until the worker has to do something again. */
async function advance(
  context: RunContext,
  id: string,
  subtask: Subtask,
  handle: WorkerHandle,
  signal: AbortSignal,
): Promise<void> {
  const { journal, repository } = context;
  for (;;) {
    const attempt = attemptState(context, id);
    const turn = attempt.turns;
    const step = nextStep(attempt, journal.state.settings.qualityIterations);
    if (step === 'capture') {
      const { worktree, base } = attempt;
      const ref = turnRef(journal.state.id, id, turn);
      const [captured, session] = await Promise.all([
        repository.capture(worktree, base, ref, `${subtask.id}: ${subtask.title}`, signal),
        archiveSession(context, attempt, signal),
      ]);
      const { oversized, files, ...rest } = captured;
      await journal.record({
        ...{ type: 'attempt.captured', attempt: id, turn, ...rest, files: [...files] },
        ...(session && { session }),
        ...(oversized && { oversized: { ...oversized, files: [...oversized.files] } }),
      });
    } else if (step === 'validate') {
      await validate(context, id, subtask, signal);
    } else if (step === 'send-back' && attempt.validated) {
      await journal.record({ type: 'attempt.sent-back', attempt: id, turn });
    } else {
      if (step === 'wait' && attempt.validated && attempt.sentBackTurn === turn) {
        await handle.send({ id: `findings-${turn}`, type: 'message', text: findingsPrompt(attempt.validated.files) });
      }
      if (step === 'wait') return;
      // What came of the worker outlives it.
      await journal.durable();
      await handle.send({ id: 'finish', type: 'finish' });
      return;
    }
  }
}

/** Keeps the worker's session as it is after a turn. A session that can't be kept only can't be gone back to. */
async function archiveSession(
  { sessions, logger }: RunContext,
  { id, session, lastTurn, worktree: cwd }: AttemptState,
  signal: AbortSignal,
): Promise<ArchivedSession | undefined> {
  if (session === undefined || lastTurn?.message === undefined) return undefined;
  try {
    return await sessions.archive({ session, message: lastTurn.message, cwd }, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    logger.warn(`The session of ${id} could not be archived: ${explain(error)}`);
    return undefined;
  }
}

/** Validates what was captured last, and takes that into the journal. */
export async function validate(context: RunContext, id: string, subtask: Subtask, signal: AbortSignal): Promise<void> {
  const { captured, turns: turn } = attemptState(context, id);
  if (!captured) throw new OrchestratorError('internal', `Nothing of ${id} was captured.`);
  const { verdict, files, evidence } = await checkResult(context, id, captured, subtask, signal);
  await context.journal.record({
    ...{ type: 'attempt.validated', attempt: id, turn, commit: captured.commit, verdict },
    ...{ files: [...files], evidence: [...evidence] },
  });
}

/** What an attempt came to once its worker is gone. A result counts only if the worker's process succeeded as well. */
async function settle(context: RunContext, id: string, exit: AttemptExit): Promise<AttemptOutcome> {
  const attempt = attemptState(context, id);
  const step = nextStep(attempt, context.journal.state.settings.qualityIterations);
  const { cancelling, settings } = context.journal.state;
  const allowedMs = attempt.budgetMs ?? settings.attemptMinutes * 60_000;
  if (exit.reason === 'cancelled' && cancelling)
    return endAttempt(context, id, exit.code, 'cancelled', 'It was cancelled.');
  if (exit.reason === 'cancelled' && attempt.ending)
    return endAttempt(context, id, exit.code, 'cancelled', ENDED_BY_PERSON);
  if (exit.reason === 'deadline') {
    return endAttempt(
      context,
      id,
      exit.code,
      'rejected',
      `It did not finish within ${Number((allowedMs / 60_000).toFixed(1))} minutes.`,
    );
  }
  // Nobody can say how the process ended, or an owner that could not go on ended it. How its last turn ended, and what
  // came of that, is known all the same.
  const isInterrupted = exit.reason === 'lost' || exit.reason === 'cancelled';
  if (isInterrupted && step !== 'accept' && step !== 'reject' && step !== 'give-up' && step !== 'break-off')
    return endAttempt(context, id, exit.code, 'interrupted', exit.message);
  if (step === 'reject') return endAttempt(context, id, exit.code, 'rejected', rejection(attempt));
  if (step === 'break-off') return endAttempt(context, id, exit.code, 'interrupted', spentDetail(attempt));
  if (step === 'accept' && (exit.code === 0 || isInterrupted))
    return endAttempt(context, id, exit.code, 'accepted', 'All checks passed.');
  const { failure } = attempt.lastTurn ?? {};
  const outcome = failure === 'budget' ? 'rejected' : 'infrastructure';
  const said = attempt.lastTurn?.failure ? attempt.lastTurn.detail : await context.workers.stderrTail(id);
  if (attempt.lastTurn?.failure === 'auth') {
    const fix = 'Run "claude" and log in, or set ANTHROPIC_API_KEY, then run the plan again.';
    return endAttempt(context, id, exit.code, outcome, `${said.trim()}. ${fix}`);
  }
  return endAttempt(context, id, exit.code, outcome, said.trim() || exit.message);
}

/** Ends an attempt that was stopped: by the person, or because the run can't go on for another reason. */
export async function endStopped(context: RunContext, id: string, exitCode: number | null): Promise<AttemptOutcome> {
  if (attemptState(context, id).ending) return endAttempt(context, id, exitCode, 'cancelled', ENDED_BY_PERSON);
  if (context.journal.state.cancelling) return endAttempt(context, id, exitCode, 'cancelled', 'The run was cancelled.');
  return endAttempt(context, id, exitCode, 'interrupted', 'The run could not go on.');
}

/** Takes an attempt's end into the journal and closes its worktree. */
export async function endAttempt(
  context: RunContext,
  id: string,
  exitCode: number | null,
  outcome: AttemptOutcome,
  detail: string,
): Promise<AttemptOutcome> {
  // In this order: an attempt that goes on after a crash needs its worktree. One that is left is an orphan.
  await context.journal.record({ type: 'attempt.ended', attempt: id, exitCode, outcome, detail });
  await context.journal.durable();
  await context.sessions.putAway(id).catch((error: unknown) => {
    context.logger.warn(`The session that ${id} began with could not be removed: ${explain(error)}`);
  });
  await closeWorktree(context, id);
  return outcome;
}

/** Of an attempt that was broken off: with a finding that it could not mend, or what the CLI said. */
function spentDetail(attempt: AttemptState): string {
  const spent = spentReason(attempt) ?? '';
  const { failure = null, detail = '' } = attempt.lastTurn ?? {};
  return failure === null ? `${rejection(attempt)} ${spent}` : `${spent} (${detail})`;
}

function rejection({ validated }: AttemptState): string {
  const files: readonly FileReport[] = validated?.files ?? [];
  const broken = files.flatMap(({ path, findings }) => {
    const error = findings.find(({ severity }) => severity === 'error');
    return error ? [`${path}: ${error.message}`] : [];
  });
  const [first] = broken;
  if (first === undefined) return 'Its checks did not pass.';
  return broken.length > 1 ? `${first} (and ${broken.length - 1} more files)` : first;
}
