import { Detached, type RunContext } from '../context.ts';
import { explain, OrchestratorError } from '../model/error.ts';
import type { ResultFrame } from '../model/frames.ts';
import type { Plan } from '../model/plan.ts';
import { checkPlan, MAX_SUBTASKS } from '../planning/check-plan.ts';
import { repairPrompt } from '../planning/planner-prompt.ts';
import { attemptState, endWorker, follow } from './follow.ts';
import { plannerSpec } from './spec.ts';

/** How often a planner is told what is wrong with its answer before planning fails. */
const MAX_REPAIRS = 2;

/**
 * One planner session of the real CLI: reads the repository, answers with a plan. Throws `planner-failed` saying what
 * the planner did instead.
 */
export async function planTask(context: RunContext, signal: AbortSignal): Promise<Plan> {
  const { journal, repository, workers, random } = context;
  const { state } = journal;
  const id = `plan-${random.id()}`;
  const number = [...state.attempts.values()].filter(({ subtask }) => subtask === null).length + 1;
  signal.throwIfAborted();
  await journal.record({
    type: 'attempt.launching',
    attempt: id,
    subtask: null,
    number,
    worktree: repository.root,
    base: state.base,
  });
  const budgetUsd = Math.max(state.settings.maxCostUsd - state.costUsd, 0.01);
  const spec = plannerSpec(
    { attempt: id, number, claude: context.claude, cwd: repository.root, settings: state.settings, budgetUsd },
    state.task,
  );
  const { pid, handle } = await workers.launch(spec, signal);
  await journal.record({ type: 'attempt.launched', attempt: id, pid });

  let answers = 0;
  let plan: Plan | undefined;
  let problems: readonly string[] = [];
  const onTurn = async (frame: ResultFrame): Promise<void> => {
    answers += 1;
    if (attemptState(context, id).lastTurn?.failure === null) {
      const checked = checkPlan(answerOf(frame), { maxSubtasks: MAX_SUBTASKS });
      if (checked.ok) plan = checked.value;
      else problems = checked.error;
      if (!plan && answers <= MAX_REPAIRS) {
        await handle.send({ id: `repair-${answers}`, type: 'message', text: repairPrompt(problems) });
        return;
      }
    }
    await handle.send({ id: 'finish', type: 'finish' });
  };

  try {
    const exit = await follow(context, id, handle, onTurn, signal);
    const accepted = plan !== undefined && exit.code === 0;
    const failure = attemptState(context, id).lastTurn?.failure;
    const said = failure ? attemptState(context, id).lastTurn?.detail : problems.slice(0, 5).join('; ');
    const detail = accepted
      ? 'It answered with a plan.'
      : said || (await workers.stderrTail(id)).trim() || exit.message;
    await journal.record({
      type: 'attempt.ended',
      attempt: id,
      exitCode: exit.code,
      outcome: accepted ? 'accepted' : 'rejected',
      detail,
    });
    if (plan && accepted) return plan;
    throw new OrchestratorError('planner-failed', `The planner did not answer with a plan: ${detail}`, {
      fix: failure
        ? 'Run "claude" once by hand to see whether it works, then start again.'
        : 'Say the task more precisely, or give a plan file.',
    });
  } catch (error) {
    if ((signal.aborted && signal.reason instanceof Detached) || error instanceof OrchestratorError) throw error;
    const exit = await endWorker(id, handle);
    await journal.record({
      type: 'attempt.ended',
      attempt: id,
      exitCode: exit.code,
      outcome: 'cancelled',
      detail: explain(error),
    });
    throw error;
  }
}

/** The CLI can end with success and without `structured_output`; a text that is JSON then gets a chance of its own. */
function answerOf(frame: ResultFrame): unknown {
  if (frame.structured_output !== undefined) return frame.structured_output;
  const text = frame.result ?? '';
  const start = text.indexOf('{');
  const end = text.lastIndexOf('}');
  if (start < 0 || end < start) return text;
  try {
    return JSON.parse(text.slice(start, end + 1));
  } catch {
    return text;
  }
}
