import { Detached, type RunContext, uncancelled } from '../context.ts';
import type { AttemptStart } from '../model/attempt-start.ts';
import type { Budget } from '../model/budget.ts';
import type { ArchivedSession } from '../model/checkpoint.ts';
import { explain, OrchestratorError } from '../model/error.ts';
import type { Subtask } from '../model/plan.ts';
import { turnRef } from '../model/refs.ts';
import type { AttemptState } from '../model/run.ts';
import type { Usage } from '../model/usage.ts';
import type { WorkerHandle } from '../ports/workers.ts';
import { checkResult } from './check-result.ts';
import { continuation, returnedSession } from './continuation.ts';
import { attemptState, endWorker, follow } from './follow.ts';
import { nextStep } from './next-step.ts';
import { findingsPrompt } from './prompts.ts';
import { reservation, subtaskSpec } from './spec.ts';
import { untoldUsage } from './untold-usage.ts';
import { type AttemptOutcome, verdict, verdictOnStopped } from './verdict.ts';
import { closeWorktree, forgetWaits, isOfFiles, readyWorktree } from './worktree.ts';

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
  const worktree = await readyWorktree(context, id, start, signal, { subtask: subtask.id, budget });
  if (!isWanted()) {
    forgetWaits(context, subtask.id);
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
  return followAttempt(context, id, subtask, { handle, pid, isWatched: true }, signal);
}

/** A worker that was launched. */
interface Worker {
  readonly handle: WorkerHandle;
  /** undefined: an earlier owner of the run launched it. */
  readonly pid: number | undefined;
  /** This owner has seen it alive. */
  readonly isWatched: boolean;
}

/** Follows an attempt whose worker was launched. */
export async function followAttempt(
  context: RunContext,
  id: string,
  subtask: Subtask,
  { handle, pid, isWatched }: Worker,
  signal: AbortSignal,
): Promise<AttemptOutcome> {
  try {
    if (pid !== undefined) await context.journal.record({ type: 'attempt.launched', attempt: id, pid });
    const exit = await follow(context, id, handle, () => advance(context, id, subtask, handle, signal), signal);
    const [untold, stderr] = [await untoldUsage(context, id, handle), await context.workers.stderrTail(id)];
    const { outcome, detail } = verdict(context.journal.state, attemptState(context, id), exit, stderr);
    const isLost = outcome === 'interrupted' && exit.reason === 'lost' && isWatched;
    return await endAttempt(context, id, exit.code, outcome, detail, { untold, isLost });
  } catch (error) {
    if (signal.aborted && signal.reason instanceof Detached) throw error;
    const exit = await endWorker(context, id, handle);
    const besides = { untold: await untoldUsage(context, id, handle) };
    // What goes wrong with its own files concerns no other subtask.
    if (!signal.aborted && isOfFiles(error))
      return endAttempt(context, id, exit.code, 'rejected', explain(error), besides);
    if (!signal.aborted) {
      await endAttempt(context, id, exit.code, 'infrastructure', explain(error), besides);
      throw error;
    }
    return endStopped(context, id, exit.code, besides);
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
  const { lives } = await context.workers.look(id);
  return followAttempt(context, id, subtask, { handle, pid: undefined, isWatched: lives }, signal);
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

/** Ends an attempt that was stopped: by the person, or because the run can't go on for another reason. */
export async function endStopped(
  context: RunContext,
  id: string,
  exitCode: number | null,
  besides?: Besides,
): Promise<AttemptOutcome> {
  const { outcome, detail } = verdictOnStopped(context.journal.state, attemptState(context, id));
  return endAttempt(context, id, exitCode, outcome, detail, besides);
}

/** What there is to say of an attempt's end besides. */
interface Besides {
  readonly untold?: Usage | undefined;
  /** Its supervisor went away with this owner watching. */
  readonly isLost?: boolean;
}

/** Takes an attempt's end into the journal and closes its worktree. */
export async function endAttempt(
  context: RunContext,
  id: string,
  exitCode: number | null,
  outcome: AttemptOutcome,
  detail: string,
  { untold, isLost = false }: Besides = {},
): Promise<AttemptOutcome> {
  // In this order: an attempt that goes on after a crash needs its worktree. One that is left is an orphan.
  await context.journal.record({
    ...{ type: 'attempt.ended', attempt: id, exitCode, outcome, detail },
    ...(isLost && { lost: true }),
    ...(untold && { untold }),
  });
  await context.journal.durable();
  await context.sessions.putAway(id).catch((error: unknown) => {
    context.logger.warn(`The session that ${id} began with could not be removed: ${explain(error)}`);
  });
  await closeWorktree(context, id);
  return outcome;
}
