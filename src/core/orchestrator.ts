import { type AttemptOutcome, resumeAttempt, runAttempt } from './attempt/attempt.ts';
import { judgeCarried } from './attempt/carried.ts';
import { planTask } from './attempt/planner-session.ts';
import { withCheckpoint } from './checkpoints/with-checkpoint.ts';
import { Detached, type RunContext, uncancelled } from './context.ts';
import { attemptBase } from './integration/base.ts';
import { integrate, reconcileIntegration } from './integration/integrate.ts';
import type { Journal } from './journal/journal.ts';
import { type ErrorCode, explain, OrchestratorError } from './model/error.ts';
import type { EventOf } from './model/events.ts';
import type { Plan, Subtask } from './model/plan.ts';
import type { AttemptState, RunState } from './model/run.ts';
import { waitingReason } from './scheduling/next.ts';
import { Scheduler } from './scheduling/scheduler.ts';

type Outcome = EventOf<'run.ended'>['outcome'];

/** Failures of the state folder, not of the run: it goes on from there once they are mended. */
const RESUMABLE: ReadonlySet<ErrorCode> = new Set(['journal-failed', 'state-unwritable']);

/** First wait before another attempt after an infrastructure failure; doubles with each, with jitter. */
const RETRY_MS = 1_000;

export interface Order {
  /** A plan that needs no planner; undefined lets a planner session make one. */
  readonly plan: Plan | undefined;
  /** End with the plan: nothing is asked and nothing started. */
  readonly planOnly: boolean;
}

/**
 * Drives a created run to its end: plan, approval, subtasks, integration. Resolves with the run's state, whose status
 * says how it ended. An aborted signal cancels the run, unless its reason is `Detached`: then this rejects with it and
 * the run goes on with whoever resumes it.
 */
export async function orchestrate(context: RunContext, order: Order, stop: AbortSignal): Promise<RunState> {
  const { journal } = context;
  // A cancel that was begun is carried out to its end, whoever resumes the run.
  const signal = journal.state.cancelling
    ? AbortSignal.abort(new OrchestratorError('cancelled', 'It was cancelled.'))
    : stop;
  // Said at once: a crash during the clean-up must not let the run go on.
  const onAbort = (): void => {
    if (!(stop.reason instanceof Detached)) void journal.record({ type: 'run.cancelling' }).catch(() => undefined);
  };
  stop.addEventListener('abort', onAbort, { once: true });
  // A cancel that comes while the end is being written comes too late.
  const finish = (outcome: Outcome, detail: string): Promise<void> => {
    stop.removeEventListener('abort', onAbort);
    return end(context, outcome, detail);
  };
  try {
    await plan(context, order, signal);
    if (order.planOnly) await finish('planned', 'Only planned, as asked.');
    else {
      await runSubtasks(context, signal);
      await finish(outcomeOf(journal.state), summary(journal.state));
    }
  } catch (error) {
    if (signal.aborted && signal.reason instanceof Detached) throw signal.reason;
    // A journal that could not be written takes no further word; what it says last stays true.
    if (error instanceof OrchestratorError && RESUMABLE.has(error.code)) throw error;
    const refused = error instanceof OrchestratorError && error.code === 'cancelled';
    const detail = signal.aborted ? 'It was cancelled.' : explain(error);
    await finish(signal.aborted || refused ? 'cancelled' : 'failed', detail);
    // What is expected to go wrong is said by the run itself.
    if (!signal.aborted && !(error instanceof OrchestratorError)) context.logger.error('The run failed.', error);
  } finally {
    stop.removeEventListener('abort', onAbort);
  }
  return journal.state;
}

/** Until there is an approved plan; only until there is one where nothing more is asked for. */
async function plan(context: RunContext, order: Order, signal: AbortSignal): Promise<void> {
  const { journal } = context;
  if (journal.state.approved) return;
  const work = async (): Promise<void> => {
    await ensurePlan(context, order.plan, signal);
    if (order.planOnly || (await approve(context, signal))) return;
    throw new OrchestratorError('cancelled', 'The plan was not approved.');
  };
  await withCheckpoint(journal, { name: 'plan', title: 'Plan' }, work, signal);
}

async function ensurePlan(context: RunContext, given: Plan | undefined, signal: AbortSignal): Promise<void> {
  if (context.journal.state.plan) return;
  if (given) await context.journal.record({ type: 'plan.proposed', by: 'file', plan: given });
  else await planTask(context, signal);
}

async function approve(context: RunContext, signal: AbortSignal): Promise<boolean> {
  const { journal, repository } = context;
  const { id: run, task, plan, settings, branch } = journal.state;
  if (!plan) throw new OrchestratorError('internal', 'The run has no plan.');
  const dirtyPaths = journal.state.uncommitted ? [] : await repository.dirtyPaths(signal);
  const question = {
    run,
    task,
    plan,
    maxCostUsd: settings.maxCostUsd,
    dirtyPaths,
    branch,
    checkCommands: settings.checkCommands,
  };
  const { approved, by } = await context.approvals.approvePlan(question, signal);
  await journal.record(approved ? { type: 'plan.approved', by } : { type: 'plan.rejected' });
  return approved;
}

/** Goes on with what is in work, then starts what is ready until nothing is left to start and nothing is in work. */
async function runSubtasks(context: RunContext, signal: AbortSignal): Promise<void> {
  const { journal } = context;
  // Aborted too when one subtask fails in a way that no subtask should, so that the others end as well.
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const inWork = new Map<string, Promise<void>>();
  const scheduler = new Scheduler();
  const queue = serial();
  const begin = (id: string, work: (subtask: Subtask) => Promise<void>): void => {
    const subtask = journal.state.subtasks.get(id)?.subtask;
    if (!subtask) return;
    const ended = work(subtask).finally(() => {
      inWork.delete(id);
      scheduler.leave(journal.state, id);
    });
    inWork.set(id, ended);
  };
  try {
    for (const id of unfinished(journal.state)) begin(id, (subtask) => resumeSubtask(context, subtask, queue, either));
    for (;;) {
      if (inWork.size === 0 && isHeldBack(journal.state)) await resumed(journal, either);
      either.throwIfAborted();
      for (const { id, budgetUsd } of scheduler.next(journal.state, inWork.keys(), context.clock.now())) {
        begin(id, (subtask) => runSubtask(context, subtask, budgetUsd, queue, either));
      }
      if (inWork.size === 0) return;
      await Promise.race([...inWork.values(), ...(journal.state.paused ? [resumed(journal, either)] : [])]);
    }
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled(inWork.values());
    throw error;
  }
}

/**
 * One attempt and what follows from it. After a failure that says nothing about the work this waits a while and leaves
 * the subtask waiting, so that another attempt is admitted like the first one.
 */
async function runSubtask(
  context: RunContext,
  subtask: Subtask,
  budgetUsd: number,
  queue: Queue,
  signal: AbortSignal,
): Promise<void> {
  const base = await attemptBase(context.journal.state, subtask.id, context.repository, signal);
  if (!base.ok) {
    await context.journal.record({ type: 'subtask.failed', subtask: subtask.id, reason: base.error });
    return;
  }
  let outcome: AttemptOutcome;
  try {
    outcome = await runAttempt(context, subtask, base.value, budgetUsd, signal);
  } catch (error) {
    if (!(error instanceof OrchestratorError) || error.code !== 'worktree-failed') throw error;
    await context.journal.record({ type: 'subtask.failed', subtask: subtask.id, reason: explain(error) });
    return;
  }
  await conclude(context, subtask, outcome, queue, signal);
}

/** The same for a subtask that an earlier owner of the run left in work. */
async function resumeSubtask(context: RunContext, subtask: Subtask, queue: Queue, signal: AbortSignal): Promise<void> {
  const { state } = context.journal;
  const last = state.attempts.get(state.subtasks.get(subtask.id)?.attempts.at(-1) ?? '');
  const outcome = last?.ended?.outcome ?? (last && (await goOn(context, last, subtask, signal)));
  if (outcome) await conclude(context, subtask, outcome, queue, signal);
}

function goOn(
  context: RunContext,
  { id, carried }: AttemptState,
  subtask: Subtask,
  signal: AbortSignal,
): Promise<AttemptOutcome> {
  return (carried ? judgeCarried : resumeAttempt)(context, id, subtask, signal);
}

async function conclude(
  context: RunContext,
  subtask: Subtask,
  outcome: AttemptOutcome,
  queue: Queue,
  signal: AbortSignal,
): Promise<void> {
  const { journal, clock, random } = context;
  signal.throwIfAborted();
  const attempts = (journal.state.subtasks.get(subtask.id)?.attempts ?? []).flatMap(
    (id) => journal.state.attempts.get(id) ?? [],
  );
  const last = attempts.at(-1);
  if (outcome === 'accepted') {
    await queue(() => integrate(context, subtask, last?.id ?? '', signal));
    return;
  }
  // The subtask waits again, and the next attempt is admitted like the first.
  if (outcome === 'interrupted') return;
  const failures = attempts.filter(({ ended }) => ended?.outcome === 'infrastructure').length;
  const hopeless = last?.lastTurn?.failure === 'auth' || outcome !== 'infrastructure';
  if (hopeless || failures > journal.state.settings.infrastructureRetries) {
    await journal.record({
      type: 'subtask.failed',
      subtask: subtask.id,
      reason: last?.ended?.detail || 'It failed.',
    });
    return;
  }
  await clock.sleep(RETRY_MS * 2 ** (failures - 1) * (0.5 + random.fraction()), signal);
}

/** Subtasks would still be started if the run were not paused. */
function isHeldBack({ paused, subtasks }: RunState): boolean {
  return paused && [...subtasks.values()].some(({ status }) => status === 'waiting');
}

const resumed = (journal: Journal, signal: AbortSignal): Promise<void> =>
  journal.until(({ paused }) => !paused, signal);

/**
 * Subtasks whose attempt has not ended, whose accepted result is not integrated, or whose last attempt failed without
 * a word on what follows from it.
 */
function unfinished(run: RunState): string[] {
  const states = [...run.subtasks.values()];
  return states
    .filter(({ status, attempts }) => {
      if (status !== 'waiting') return status === 'running' || status === 'validating' || status === 'integrating';
      return run.attempts.get(attempts.at(-1) ?? '')?.ended !== undefined;
    })
    .map(({ subtask }) => subtask.id);
}

function outcomeOf(run: RunState): Outcome {
  return [...run.subtasks.values()].every(({ status }) => status === 'completed') ? 'completed' : 'failed';
}

function summary(run: RunState): string {
  const states = [...run.subtasks.values()];
  const done = states.filter(({ status }) => status === 'completed').length;
  const failed = states.filter(({ status }) => status === 'failed').map(({ subtask }) => `"${subtask.id}"`);
  const tail = failed.length > 0 ? `; failed: ${failed.join(', ')}` : '';
  const ready = states.filter(({ subtask }) =>
    subtask.dependsOn.every((id) => run.subtasks.get(id)?.status === 'completed'),
  );
  const held = ready.map(({ subtask }) => waitingReason(run, subtask.id)).find((reason) => reason !== undefined);
  return `${done} of ${states.length} subtasks are merged${tail}${held === undefined ? '' : `; ${held}`}.`;
}

async function end(context: RunContext, outcome: Outcome, detail: string): Promise<void> {
  if (outcome === 'cancelled' && !context.journal.state.cancelling)
    await context.journal.record({ type: 'run.cancelling' });
  await reconcileIntegration(context);
  await context.repository.releaseWorktrees(uncancelled());
  await context.journal.record({ type: 'run.ended', outcome, detail });
}

type Queue = <T>(work: () => Promise<T>) => Promise<T>;

/** One at a time, in the order asked. */
function serial(): Queue {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
}
