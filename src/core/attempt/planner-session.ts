import { Detached, type RunContext, uncancelled } from '../context.ts';
import type { AttemptExit } from '../model/attempt-files.ts';
import type { Budget, Caps } from '../model/budget.ts';
import { explain, OrchestratorError } from '../model/error.ts';
import type { ResultFrame } from '../model/frames.ts';
import type { Plan } from '../model/plan.ts';
import { spentReason } from '../model/spent.ts';
import type { Usage } from '../model/usage.ts';
import { linkProblems } from '../planning/check-links.ts';
import { checkPlan, MAX_SUBTASKS } from '../planning/check-plan.ts';
import { repairPrompt } from '../planning/planner-prompt.ts';
import { planInText } from '../planning/read-answer.ts';
import type { WorkerHandle } from '../ports/workers.ts';
import { attemptState, endWorker, follow } from './follow.ts';
import { plannerSpec, reservation } from './spec.ts';
import { untoldUsage } from './untold-usage.ts';
import { outOfTime } from './verdict.ts';

const MINUTE = 60_000;

/** The CLI takes no limit that is smaller. */
const LEAST_USD = 0.0001;

/** How often a planner is told what is wrong with its answer before planning fails. */
const MAX_REPAIRS = 2;

/**
 * Lets a planner session of the real CLI read the repository and answer with a plan, which is in the journal as
 * proposed when this resolves. A session that an earlier owner of the run launched is gone on with. Throws
 * `planner-failed` saying what the planner did instead.
 */
export async function planTask(context: RunContext, signal: AbortSignal): Promise<void> {
  if (await resumeSession(context, signal)) return;
  if (await startSession(context, signal)) return;
  throw new OrchestratorError('planner-failed', 'The planner session was ended from outside.', { fix: 'Start again.' });
}

async function resumeSession(context: RunContext, signal: AbortSignal): Promise<boolean> {
  const { journal, workers } = context;
  const open = [...journal.state.attempts.values()].find(({ subtask, ended }) => subtask === null && !ended);
  if (!open) return false;
  const handle = await workers.attach(open.id, uncancelled());
  if (handle) return converse(context, open.id, async () => handle, signal);
  const detail = 'It was never started.';
  await journal.record({ type: 'attempt.ended', attempt: open.id, exitCode: null, outcome: 'interrupted', detail });
  return false;
}

async function startSession(context: RunContext, signal: AbortSignal): Promise<boolean> {
  const { journal, repository, workers, random } = context;
  const { state } = journal;
  const id = `plan-${random.id()}`;
  const number = [...state.attempts.values()].filter(({ subtask }) => subtask === null).length + 1;
  // Nothing else runs while a plan is made.
  const { maxCostUsd, maxTokens, maxMinutes, attemptMinutes } = state.settings;
  const budget = {
    usd: maxCostUsd - state.committedUsd,
    tokens: maxTokens - state.committedTokens,
    ms: Math.min(attemptMinutes * MINUTE, maxMinutes * MINUTE - state.workedMs),
  };
  signal.throwIfAborted();
  refuseUsedUp(budget, state.settings);
  await journal.record({
    type: 'attempt.launching',
    attempt: id,
    subtask: null,
    number,
    worktree: repository.root,
    base: state.base,
    ...reservation(budget),
  });
  const spec = plannerSpec(
    { attempt: id, number, claude: context.claude, cwd: repository.root, settings: state.settings, budget },
    state.task,
  );
  return converse(
    context,
    id,
    async () => {
      // A cancel that came while the intent was written.
      if (journal.state.cancelling) await journal.until(() => false, signal);
      const { pid, handle } = await workers.launch(spec, signal);
      await journal.record({ type: 'attempt.launched', attempt: id, pid });
      return handle;
    },
    signal,
  );
}

/** Nothing left would mean no limit to whoever starts it. Earlier planners, which were lost, have used it. */
function refuseUsedUp({ usd, tokens, ms }: Budget, { maxCostUsd, maxTokens, maxMinutes }: Caps): void {
  const cap =
    usd < LEAST_USD
      ? `spending cap of $${maxCostUsd.toFixed(2)}`
      : tokens < 1
        ? `token cap of ${maxTokens.toLocaleString('en')} tokens`
        : ms <= 0
          ? `time cap of ${maxMinutes} minutes`
          : undefined;
  if (cap === undefined) return;
  throw new OrchestratorError('planner-failed', `No other planner is started: the ${cap} is reached.`, {
    fix: 'Raise the cap or give a plan file, then start again.',
  });
}

/** Resolves with whether there is a plan; without one the session was lost with its supervisor. */
async function converse(
  context: RunContext,
  id: string,
  start: () => Promise<WorkerHandle>,
  signal: AbortSignal,
): Promise<boolean> {
  const { journal } = context;
  let handle: WorkerHandle | undefined;
  let exit: AttemptExit;
  let answer: Answer = { plan: undefined, problems: [] };
  try {
    handle = await start();
    exit = await follow(
      context,
      id,
      handle,
      conversation(context, id, handle, (next) => (answer = next)),
      signal,
    );
  } catch (error) {
    if (signal.aborted && signal.reason instanceof Detached) throw error;
    const ended = handle && (await endWorker(context, id, handle));
    const untold = handle && (await untoldUsage(context, id, handle));
    const outcome = signal.aborted ? 'cancelled' : 'infrastructure';
    await journal.record({
      ...{ type: 'attempt.ended', attempt: id, exitCode: ended?.code ?? null, outcome, detail: explain(error) },
      ...(untold && { untold }),
    });
    throw error;
  }
  return judge(context, id, exit, { ...answer, untold: await untoldUsage(context, id, handle) });
}

interface Answer {
  readonly plan: Plan | undefined;
  readonly problems: readonly string[];
}

/** Tells the planner what is wrong with its answer, and lets it go once there is nothing more to say. */
function conversation(
  context: RunContext,
  id: string,
  handle: WorkerHandle,
  take: (answer: Answer) => void,
): (frame: ResultFrame) => Promise<void> {
  let answers = 0;
  return async (frame) => {
    answers += 1;
    if (attemptState(context, id).lastTurn?.failure === null) {
      const answer = await readAnswer(context, frame);
      take(answer);
      if (!answer.plan && answers <= MAX_REPAIRS) {
        await handle.send({ id: `repair-${answers}`, type: 'message', text: repairPrompt(answer.problems) });
        return;
      }
    }
    await handle.send({ id: 'finish', type: 'finish' });
  };
}

async function readAnswer({ repository, journal }: RunContext, frame: ResultFrame): Promise<Answer> {
  const checked = checkPlan(answerOf(frame), { maxSubtasks: MAX_SUBTASKS });
  if (!checked.ok) return { plan: undefined, problems: checked.error };
  const problems = await linkProblems(checked.value, repository, journal.state.base, uncancelled());
  return { plan: problems.length === 0 ? checked.value : undefined, problems };
}

/** Takes the plan into the journal where the whole session succeeded, in one batch with the session's end. */
async function judge(
  context: RunContext,
  id: string,
  exit: AttemptExit,
  { untold, ...answer }: Answer & { readonly untold: Usage | undefined },
): Promise<boolean> {
  const { journal, workers } = context;
  const attempt = attemptState(context, id);
  const { lastTurn } = attempt;
  // Lost with its supervisor, or ended by an owner that could not go on.
  const isInterrupted = exit.reason === 'lost' || (exit.reason === 'cancelled' && !journal.state.cancelling);
  const succeeded = exit.code === 0 || isInterrupted;
  const plan = succeeded && lastTurn?.failure === null ? answer.plan : undefined;
  const ended = { type: 'attempt.ended', attempt: id, exitCode: exit.code, ...(untold && { untold }) } as const;
  if (plan) {
    const detail = 'It answered with a plan.';
    await journal.record({ ...ended, outcome: 'accepted', detail }, { type: 'plan.proposed', by: 'planner', plan });
    return true;
  }
  if (isInterrupted) {
    await journal.record({ ...ended, outcome: 'interrupted', detail: exit.message });
    return false;
  }
  const stopped = exit.reason === 'deadline' ? outOfTime(journal.state, attempt) : spentReason(attempt);
  const said = stopped ?? (lastTurn?.failure ? lastTurn.detail : answer.problems.slice(0, 5).join('; '));
  const detail = said || (await workers.stderrTail(id)).trim() || exit.message;
  await journal.record({ ...ended, outcome: exit.reason === 'cancelled' ? 'cancelled' : 'rejected', detail });
  const isUnclear = answer.problems.length > 0 || lastTurn?.failure === 'other';
  throw new OrchestratorError('planner-failed', `The planner did not answer with a plan: ${detail}`, {
    fix: fixOf(stopped !== undefined, isUnclear),
  });
}

function fixOf(isOutOfBudget: boolean, isUnclear: boolean): string {
  if (isOutOfBudget) return 'Raise the limit, make the task smaller, or give a plan file.';
  if (isUnclear) return 'Say the task more precisely, or give a plan file.';
  return 'Run "claude" once by hand to see whether it works, then start again.';
}

/** The CLI can end with success and without `structured_output`; a text with a plan in it then counts as well. */
function answerOf(frame: ResultFrame): unknown {
  return frame.structured_output ?? planInText(frame.result ?? '');
}
