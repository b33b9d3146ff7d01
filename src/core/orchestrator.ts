import { passOverAbsence } from './absence.ts';
import { Alarm } from './alarm.ts';
import { planTask } from './attempt/planner-session.ts';
import { forgetWaits } from './attempt/worktree.ts';
import { withCheckpoint } from './checkpoints/with-checkpoint.ts';
import { conditionsOf } from './conditions.ts';
import { Detached, type RunContext, type RunPorts } from './context.ts';
import { approvePlan } from './control/approve-plan.ts';
import { RunControl } from './control/run-control.ts';
import { isHeldBack, unfinished, waitsForRoomAlone } from './control/unfinished.ts';
import { WorkInHand } from './control/work-in-hand.ts';
import { reconcileIntegration } from './integration/integration-ref.ts';
import { IntegrationQueue } from './integration/queue.ts';
import { type ErrorCode, explain, OrchestratorError } from './model/error.ts';
import { resolutionSlots } from './model/needed-worktrees.ts';
import type { Plan } from './model/plan.ts';
import type { RunState } from './model/run.ts';
import { type Outcome, outcomeOf, summary } from './outcome.ts';
import { requireNobody } from './resolution/settle.ts';
import { EarlierResults } from './reuse/earlier-results.ts';
import { Scheduler } from './scheduling/scheduler.ts';
import { WakefulClock } from './sleep.ts';
import { resumeSubtask, runSubtask, type SubtaskWork } from './subtask-work.ts';

/** Not failures of the run, but of the state folder or for want of a person: it goes on from there once they are mended. */
const RESUMABLE: ReadonlySet<ErrorCode> = new Set(['journal-failed', 'state-unwritable', 'waits-for-person']);

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
export async function orchestrate(given: RunPorts, order: Order, stop: AbortSignal): Promise<RunState> {
  const { journal } = given;
  const clock = new WakefulClock(given.clock, journal, await passOverAbsence(given));
  // What an attempt took is judged when it ends, which may be heard of before the next tick.
  journal.beforeEvents = () => void clock.now();
  const gone = new AbortController();
  const hands = new WorkInHand();
  const context = { ...given, clock, detached: gone.signal, onHeld: () => hands.ring() };
  const over = new AbortController();
  void clock.tick(over.signal);
  const asked = new AbortController();
  const control = new RunControl(context, hands, (reason) => asked.abort(reason));
  // A cancel that was begun is carried out to its end, whoever resumes the run.
  const signal = journal.state.cancelling
    ? AbortSignal.abort(new OrchestratorError('cancelled', 'It was cancelled.'))
    : AbortSignal.any([stop, asked.signal]);
  // Said at once: a crash during the clean-up must not let the run go on.
  const onAbort = (): void => {
    if (stop.reason instanceof Detached) gone.abort(stop.reason);
    else void journal.record({ type: 'run.cancelling' }).catch(() => undefined);
  };
  stop.addEventListener('abort', onAbort, { once: true });
  if (stop.aborted && !journal.state.cancelling) onAbort();
  // A cancel that comes while the end is being written comes too late.
  const finish = async (outcome: Outcome, detail: string): Promise<void> => {
    stop.removeEventListener('abort', onAbort);
    await control.stop();
    await end(context, outcome, detail);
  };
  try {
    control.start();
    await plan(context, order, signal);
    if (order.planOnly) await finish('planned', 'Only planned, as asked.');
    else {
      await runAll(context, hands, control, signal);
      await finish(outcomeOf(journal.state), summary(journal.state, conditionsOf(context)));
    }
  } catch (error) {
    await control.stop();
    if (gone.signal.aborted) throw gone.signal.reason;
    // A journal that could not be written takes no further word; what it says last stays true.
    if (error instanceof OrchestratorError && RESUMABLE.has(error.code)) throw error;
    const refused = error instanceof OrchestratorError && error.code === 'cancelled';
    const detail = signal.aborted ? 'It was cancelled.' : explain(error);
    await control.close();
    // The host may have gone away meanwhile, which is no cancel.
    if (gone.signal.aborted) throw gone.signal.reason;
    await finish(signal.aborted || refused ? 'cancelled' : 'failed', detail);
    // What is expected to go wrong is said by the run itself.
    if (!signal.aborted && !(error instanceof OrchestratorError)) context.logger.error('The run failed.', error);
  } finally {
    over.abort();
    journal.beforeEvents = () => undefined;
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
    if (order.planOnly || (await approvePlan(context, signal))) return;
    throw new OrchestratorError('cancelled', 'The plan was not approved.');
  };
  await withCheckpoint(journal, { name: 'plan', title: 'Plan' }, work, signal);
}

async function ensurePlan(context: RunContext, given: Plan | undefined, signal: AbortSignal): Promise<void> {
  if (context.journal.state.plan) return;
  if (given) await context.journal.record({ type: 'plan.proposed', by: 'file', plan: given });
  else await planTask(context, signal);
}

/** Until nothing is left to do, also of what is asked at the last moment; nothing more is obeyed then. */
async function runAll(context: RunContext, hands: WorkInHand, control: RunControl, signal: AbortSignal): Promise<void> {
  const { journal } = context;
  // An owner that was killed may have left the ref ahead of its journal, and waits that are nobody's now.
  await reconcileIntegration(context);
  for (const id of journal.state.subtasks.keys()) forgetWaits(context, id);
  for (;;) {
    await runSubtasks(context, hands, signal);
    const { planVersion } = journal.state;
    await control.close();
    signal.throwIfAborted();
    if (journal.state.planVersion === planVersion) return;
    control.start();
  }
}

/** Goes on with what is in work, then starts what is ready until nothing is left to start and nothing is in work. */
async function runSubtasks(context: RunContext, hands: WorkInHand, signal: AbortSignal): Promise<void> {
  const { journal } = context;
  // Aborted too when one subtask fails in a way that no subtask should, so that the others end as well.
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const scheduler = new Scheduler();
  const alarm = new Alarm(context.clock, () => hands.ring());
  const earlier = new EarlierResults(context);
  const queue = new IntegrationQueue(context, either);
  const begin = (id: string, work: (work: SubtaskWork) => Promise<void>): void => {
    const subtask = journal.state.subtasks.get(id)?.subtask;
    if (!subtask) return;
    const left = (): void => {
      // One that waits for a person keeps its files to itself.
      if (!journal.state.subtasks.get(id)?.returned?.asks) scheduler.leave(journal.state, id);
    };
    hands.begin(id, either, (own) => work({ subtask, queue, hands, run: either, signal: own }), left);
  };
  try {
    for (const id of unfinished(journal.state)) begin(id, (work) => resumeSubtask(context, work));
    for (;;) {
      either.throwIfAborted();
      const { launches, againAt } = scheduler.next(journal.state, hands.ids(), conditionsOf(context));
      for (const { id, budget } of launches) begin(id, (work) => runSubtask(context, work, earlier, budget));
      if (hands.size === 0 && againAt === undefined && !isHeldBack(journal.state)) return requireNobody(journal.state);
      // Only a person's worktree could still be given back.
      if (waitsForRoomAlone(journal.state, hands.ids())) requireNobody(journal.state);
      if (againAt !== undefined) alarm.set(againAt, either);
      await hands.news(either);
    }
  } catch (error) {
    stop.abort(error);
    await hands.allEnded();
    throw error;
  } finally {
    alarm.clear();
  }
}

async function end(context: RunContext, outcome: Outcome, detail: string): Promise<void> {
  if (outcome === 'cancelled' && !context.journal.state.cancelling)
    await context.journal.record({ type: 'run.cancelling' });
  await reconcileIntegration(context);
  // Nobody resolves them any more. Those of attempts are closed with their attempts, or by who goes on with the run.
  for (const slot of resolutionSlots(context.journal.state)) await context.repository.closeWorktree(slot);
  await context.repository.releaseWorktrees();
  await context.journal.record({ type: 'run.ended', outcome, detail });
}
