import { runAttempt } from './attempt/attempt.ts';
import { planTask } from './attempt/planner-session.ts';
import { Detached, type RunContext } from './context.ts';
import { attemptBase } from './integration/base.ts';
import { integrate } from './integration/integrate.ts';
import { explain, OrchestratorError } from './model/error.ts';
import type { EventOf } from './model/events.ts';
import type { Plan, Subtask } from './model/plan.ts';
import type { RunState } from './model/run.ts';
import { nextToStart } from './scheduling/next.ts';

type Outcome = EventOf<'run.ended'>['outcome'];

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
export async function orchestrate(context: RunContext, order: Order, signal: AbortSignal): Promise<RunState> {
  const { journal } = context;
  try {
    await ensurePlan(context, order.plan, signal);
    if (order.planOnly) await end(context, 'planned', 'Only planned, as asked.');
    else if (await approve(context, signal)) {
      await runSubtasks(context, signal);
      await end(context, outcomeOf(journal.state), summary(journal.state));
    } else await end(context, 'cancelled', 'The plan was not approved.');
  } catch (error) {
    if (signal.aborted && signal.reason instanceof Detached) throw error;
    // A journal that could not be written takes no further word; what it says last stays true.
    if (error instanceof OrchestratorError && error.code === 'journal-failed') throw error;
    await end(context, signal.aborted ? 'cancelled' : 'failed', signal.aborted ? 'It was cancelled.' : explain(error));
    if (!signal.aborted) context.logger.error('The run failed.', error);
  }
  return journal.state;
}

async function ensurePlan(context: RunContext, given: Plan | undefined, signal: AbortSignal): Promise<void> {
  if (context.journal.state.plan) return;
  const plan = given ?? (await planTask(context, signal));
  await context.journal.record({ type: 'plan.proposed', by: given ? 'file' : 'planner', plan });
}

async function approve(context: RunContext, signal: AbortSignal): Promise<boolean> {
  const { journal, repository } = context;
  const { id: run, task, plan, settings, branch } = journal.state;
  if (!plan) throw new OrchestratorError('internal', 'The run has no plan.');
  const dirtyPaths = await repository.dirtyPaths(signal);
  const question = { run, task, plan, maxCostUsd: settings.maxCostUsd, dirtyPaths, branch };
  const { approved, by } = await context.approvals.approvePlan(question, signal);
  await journal.record(approved ? { type: 'plan.approved', by } : { type: 'plan.rejected' });
  return approved;
}

/** Starts what is ready until nothing is left to start and nothing is in work. */
async function runSubtasks(context: RunContext, signal: AbortSignal): Promise<void> {
  const { journal } = context;
  // Aborted too when one subtask fails in a way that no subtask should, so that the others end as well.
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const inWork = new Map<string, Promise<void>>();
  const queue = serial();
  try {
    for (;;) {
      either.throwIfAborted();
      for (const id of nextToStart(journal.state)) {
        const subtask = journal.state.subtasks.get(id)?.subtask;
        if (!subtask || inWork.has(id)) continue;
        inWork.set(
          id,
          runSubtask(context, subtask, queue, either).finally(() => inWork.delete(id)),
        );
      }
      if (inWork.size === 0) return;
      await Promise.race(inWork.values());
    }
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled(inWork.values());
    throw error;
  }
}

async function runSubtask(context: RunContext, subtask: Subtask, queue: Queue, signal: AbortSignal): Promise<void> {
  const { journal, repository, clock, random } = context;
  const { infrastructureRetries } = journal.state.settings;
  for (let failures = 0; ; ) {
    const base = await attemptBase(journal.state, subtask.id, repository, signal);
    const outcome = await runAttempt(context, subtask, base, signal);
    signal.throwIfAborted();
    const state = journal.state.subtasks.get(subtask.id);
    const attempt = state?.attempts.at(-1) ?? '';
    const ended = journal.state.attempts.get(attempt);
    if (outcome === 'accepted') {
      await queue(() => integrate(context, subtask, attempt, signal));
      return;
    }
    failures += 1;
    const hopeless = ended?.lastTurn?.failure === 'auth' || outcome !== 'infrastructure';
    if (hopeless || failures > infrastructureRetries) {
      await journal.record({
        type: 'subtask.failed',
        subtask: subtask.id,
        reason: ended?.ended?.detail ?? 'It failed.',
      });
      return;
    }
    await clock.sleep(RETRY_MS * 2 ** (failures - 1) * (0.5 + random.fraction()), signal);
  }
}

function outcomeOf(run: RunState): Outcome {
  return [...run.subtasks.values()].every(({ status }) => status === 'completed') ? 'completed' : 'failed';
}

function summary(run: RunState): string {
  const states = [...run.subtasks.values()];
  const done = states.filter(({ status }) => status === 'completed').length;
  const failed = states.filter(({ status }) => status === 'failed').map(({ subtask }) => `"${subtask.id}"`);
  const tail = failed.length > 0 ? `; failed: ${failed.join(', ')}` : '';
  return `${done} of ${states.length} subtasks are merged${tail}.`;
}

async function end(context: RunContext, outcome: Outcome, detail: string): Promise<void> {
  if (outcome === 'cancelled' && !context.journal.state.cancelling)
    await context.journal.record({ type: 'run.cancelling' });
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
