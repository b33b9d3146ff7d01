import { resumeAttempt, runAttempt } from './attempt/attempt.ts';
import { judgeCarried } from './attempt/carried.ts';
import type { AttemptOutcome } from './attempt/verdict.ts';
import { conditionsOf } from './conditions.ts';
import type { RunContext } from './context.ts';
import { isAsItWas } from './control/is-as-it-was.ts';
import type { WorkInHand } from './control/work-in-hand.ts';
import { attemptStart } from './integration/base.ts';
import type { IntegrationQueue } from './integration/queue.ts';
import { keepConflict } from './integration/send-back.ts';
import type { Budget } from './model/budget.ts';
import { type ErrorCode, explain, OrchestratorError } from './model/error.ts';
import type { Subtask } from './model/plan.ts';
import { backOffMs } from './model/retries.ts';
import type { AttemptState } from './model/run.ts';
import { nextAttempt } from './next-attempt.ts';
import { integrateResolved, settleConflict } from './resolution/settle.ts';
import type { EarlierResults } from './reuse/earlier-results.ts';
import { takeEarlier } from './reuse/take.ts';
import { mayStillStart } from './scheduling/admission/list.ts';

/** What stands in the way of one subtask's worktree and says nothing about others. */
const OF_WORKTREES: ReadonlySet<ErrorCode> = new Set(['worktree-failed', 'setup-failed']);

/** A subtask in hand. */
export interface SubtaskWork {
  readonly subtask: Subtask;
  readonly queue: IntegrationQueue;
  readonly hands: WorkInHand;
  /** The run's signal. */
  readonly run: AbortSignal;
  /** Aborted with the run's, and when a person ends the subtask's worker. */
  readonly signal: AbortSignal;
}

/**
 * One attempt and what follows from it. After a failure that says nothing about the work this waits a while and leaves
 * the subtask waiting, so that another attempt is admitted like the first one.
 */
export async function runSubtask(
  context: RunContext,
  work: SubtaskWork,
  earlier: EarlierResults,
  budget: Budget,
): Promise<void> {
  const { journal, repository } = context;
  const { subtask, signal } = work;
  const isWanted = (): boolean => isAsItWas(journal.state, subtask);
  const isStillDue = (): boolean => isWanted() && mayStillStart(journal.state, budget, conditionsOf(context));
  const fail = async (reason: string): Promise<void> => {
    if (isWanted()) await journal.record({ type: 'subtask.failed', subtask: subtask.id, reason });
  };
  const started = await attemptStart(journal.state, subtask.id, repository, signal);
  if (!started.ok) return fail(started.error);
  const start = started.value;
  let outcome: AttemptOutcome | undefined;
  try {
    const taken = start.returned
      ? { reason: undefined }
      : await takeEarlier(context, earlier, { subtask, base: start.base, isWanted }, signal);
    outcome =
      'attempt' in taken
        ? await judgeCarried(context, taken.attempt, subtask, signal)
        : await runAttempt(context, { subtask, start, budget, notReused: taken.reason, isWanted: isStillDue }, signal);
  } catch (error) {
    if (!(error instanceof OrchestratorError) || !OF_WORKTREES.has(error.code)) throw error;
    return fail(explain(error));
  }
  if (outcome) await conclude(context, work, outcome);
}

/** The same for a subtask that an earlier owner of the run left in work. */
export async function resumeSubtask(context: RunContext, work: SubtaskWork): Promise<void> {
  const { state } = context.journal;
  const { id } = work.subtask;
  const last = state.attempts.get(state.subtasks.get(id)?.attempts.at(-1) ?? '');
  if (!last) return;
  // What a person wanted ended is ended, whoever resumes the run.
  if (last.ending) work.hands.endWorker(id);
  const outcome = last.ended?.outcome ?? (await goOn(context, last, work.subtask, work.signal));
  await conclude(context, work, outcome);
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
  { subtask, queue, hands, run: signal, signal: untilEnded }: SubtaskWork,
  outcome: AttemptOutcome,
): Promise<void> {
  const { journal, clock, random } = context;
  signal.throwIfAborted();
  const own = journal.state.subtasks.get(subtask.id);
  const last = journal.state.attempts.get(own?.attempts.at(-1) ?? '');
  if (outcome === 'accepted' && !own?.returned?.asks) {
    // Its worker's place is free while the result is merged.
    hands.ring();
    await integrateResolved(context, subtask, queue);
  }
  // While a person resolves it no worker is needed for it.
  hands.ring();
  if (await settleConflict(context, subtask, queue, untilEnded)) return;
  if (outcome === 'accepted') return;
  if (last?.ending || own?.status !== 'waiting') return;
  const next = nextAttempt(journal.state, own, conditionsOf(context));
  // The subtask waits again, and the next attempt is admitted like the first.
  if (next.kind === 'again') return;
  if (next.kind === 'give-up') {
    if (await keepConflict(context, subtask, signal)) {
      hands.ring();
      await settleConflict(context, subtask, queue, untilEnded);
      return;
    }
    await journal.record({ type: 'subtask.failed', subtask: subtask.id, reason: next.reason });
    return;
  }
  const ms = backOffMs(next.failures, random.fraction());
  const untilMs = clock.now() + ms;
  await journal.record({ type: 'subtask.backed-off', subtask: subtask.id, after: last?.id ?? '', untilMs, ms });
}
