import { ASK_BEFORE_EDIT } from '../approvals/code-paths.ts';
import type { AttemptSpec } from '../model/attempt-files.ts';
import type { Budget } from '../model/budget.ts';
import type { FileReport } from '../model/findings.ts';
import type { Subtask } from '../model/plan.ts';
import type { AttemptState } from '../model/run.ts';
import type { RunSettings } from '../model/settings.ts';
import { planJsonSchema, plannerPrompt } from '../planning/planner-prompt.ts';
import type { Continuation } from './continuation.ts';
import { INHERITED_ENVIRONMENT, workerEnvironment } from './environment.ts';
import { continuePrompt, returnedPrompt, subtaskPrompt, workerInstructions } from './prompts.ts';

export interface SpecContext {
  readonly attempt: string;
  readonly number: number;
  /** Absolute path of the `claude` executable. */
  readonly claude: string;
  readonly cwd: string;
  readonly settings: RunSettings;
  readonly budget: Budget;
}

/** A budget as the intent of a launch says it. */
export function reservation({ usd, tokens, ms }: Budget) {
  return { budgetUsd: usd, budgetTokens: tokens, budgetMs: ms };
}

/** Tools of a worker. No subagents: their results and costs would pass the orchestrator by. */
const WORKER_TOOLS = 'Read,Glob,Grep,Edit,Write,NotebookEdit,TodoWrite,Bash';
const PLANNER_TOOLS = 'Read,Glob,Grep';

/** Rules of the person's own Claude settings may allow git; asked rules win, and the policy then decides. */
const ASK_BEFORE_GIT = 'Bash(git:*)';

/** A worker that stays open this long without a next message ends by itself. */
const IDLE_MS = 30 * 60_000;

/** A result that came back from the integration. */
interface ReturnedWork {
  /** What its worker is told. */
  readonly message: string;
  readonly conflicts: readonly string[];
  /** The session that made it, or a copy of it to fork; undefined: a new one. */
  readonly session: { readonly resume: string; readonly fork: boolean } | undefined;
}

/** Spec of a worker session for one subtask: a new one, a fork of an earlier one, or its own when a result came back. */
export function subtaskSpec(context: SpecContext, subtask: Subtask, from?: Continuation | ReturnedWork): AttemptSpec {
  const { prompt, args } = beginning(context, subtask, from);
  return spec(context, `${subtask.id}: ${subtask.title}`, prompt, [
    ...args,
    ...['--permission-mode', 'acceptEdits', '--tools', WORKER_TOOLS],
    ...['--settings', JSON.stringify({ permissions: { ask: [...ASK_BEFORE_EDIT, ASK_BEFORE_GIT] } })],
    ...['--append-system-prompt', workerInstructions('worker', subtask.id, context.number)],
  ]);
}

function beginning(
  { cwd, settings }: SpecContext,
  subtask: Subtask,
  from: Continuation | ReturnedWork | undefined,
): { prompt: string; args: readonly string[] } {
  if (!from) return { prompt: subtaskPrompt(subtask, settings.checkCommands), args: [] };
  if ('before' in from) {
    const at = from.message === undefined ? [] : ['--resume-session-at', from.message];
    const prompt = continuePrompt(subtask, { cwd, findings: openFindings(from.before) }, settings.checkCommands);
    return { prompt, args: ['--resume', from.file, '--fork-session', ...at] };
  }
  const work = { message: from.message, worktree: cwd, isConflict: from.conflicts.length > 0 };
  const { session } = from;
  const args = session ? ['--resume', session.resume, ...(session.fork ? ['--fork-session'] : [])] : [];
  return { prompt: returnedPrompt(subtask, work, settings.checkCommands), args };
}

/** What its worker has still to mend of what it left; undefined where that was not judged. */
function openFindings({ captured, validated }: AttemptState): readonly FileReport[] | undefined {
  return validated !== undefined && validated.turn === captured?.turn ? validated.files : undefined;
}

/** Spec of a planner session: it reads, and answers with a plan. */
export function plannerSpec(context: SpecContext, task: string): AttemptSpec {
  return spec(context, 'Plan the task', plannerPrompt(task), [
    ...['--permission-mode', 'dontAsk', '--tools', PLANNER_TOOLS, '--json-schema', planJsonSchema()],
    ...['--append-system-prompt', workerInstructions('planner', undefined, context.number)],
  ]);
}

function spec(context: SpecContext, title: string, prompt: string, args: readonly string[]): AttemptSpec {
  const { settings } = context;
  return {
    version: 1,
    attempt: context.attempt,
    title,
    command: context.claude,
    args: [
      ...['-p', '--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose'],
      ...[
        '--permission-prompt-tool',
        'stdio',
        '--strict-mcp-config',
        '--setting-sources',
        settings.settingSources.join(','),
      ],
      ...['--max-budget-usd', context.budget.usd.toFixed(4)],
      ...(settings.model === '' ? [] : ['--model', settings.model]),
      ...args,
    ],
    cwd: context.cwd,
    prompt,
    environmentNames: [...INHERITED_ENVIRONMENT, ...settings.environment],
    environment: workerEnvironment(context.attempt),
    deadlineMs: context.budget.ms,
    idleMs: IDLE_MS,
  };
}
