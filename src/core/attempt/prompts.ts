import { findingLines } from '../model/finding-lines.ts';
import type { FileReport } from '../model/findings.ts';
import type { Subtask } from '../model/plan.ts';
import { writableBy } from '../model/scope.ts';

/** Appended to the system prompt. The first line tells logs and traces which session they look at. */
export function workerInstructions(role: 'planner' | 'worker', subtask: string | undefined, attempt: number): string {
  const who = `[claude-orchestrator role=${role}${subtask === undefined ? '' : ` subtask=${subtask}`} attempt=${attempt}]`;
  if (role === 'planner') return `${who}\nIf the repository has a CLAUDE.md, read it first.`;
  return [
    who,
    'You work in a git worktree of your own. Others work on other parts of the same task at the same time.',
    'Work only inside this folder and do not commit: what you leave in the files is captured, checked and merged.',
    'If the repository has a CLAUDE.md, read it first and keep to it.',
  ].join('\n');
}

/** First message of a worker session. */
export function subtaskPrompt(subtask: Subtask, checkCommands: readonly string[]): string {
  const parts = [`Subtask: ${subtask.title}`, subtask.instructions];
  const writable = writableBy(subtask);
  if (writable.length > 0) parts.push(['Change only files that match:', ...list(writable)].join('\n'));
  if (subtask.produces.length > 0)
    parts.push(['These files must exist when you are done:', ...list(subtask.produces)].join('\n'));
  if (checkCommands.length > 0) parts.push(['You may run, exactly as written:', ...list(checkCommands)].join('\n'));
  return parts.join('\n\n');
}

/** Next message of a session whose result was rejected: the findings with their places, one-based. */
export function findingsPrompt(files: readonly FileReport[]): string {
  const head = 'Your result was checked and is not accepted yet. Mend these and then say what you changed:';
  return [head, ...findingLines(files)].join('\n');
}

/**
 * First message of an attempt that goes on with a result that came back from the integration. A session that is not
 * found again has to understand it as well.
 */
export function returnedPrompt(
  subtask: Subtask,
  { message, worktree, isConflict }: { message: string; worktree: string; isConflict: boolean },
  checkCommands: readonly string[],
): string {
  return [
    message,
    `You work in another folder now: ${worktree}. It holds ${isConflict ? 'both sides' : 'your result merged with what others have finished'}. Paths of your earlier folder are of no use any more.`,
    'This is the subtask, as before. Do not begin anew: your work is there.',
    subtaskPrompt(subtask, checkCommands),
  ].join('\n\n');
}

/** First message to a fork of an earlier session, whose files lie in another folder now. */
export function continuePrompt(
  subtask: Subtask,
  { cwd, findings }: { cwd: string; findings: readonly FileReport[] | undefined },
  checkCommands: readonly string[],
): string {
  return [
    `You go on in another folder, ${cwd}: it holds the files as you left them, and you work only there.`,
    findings ? findingsPrompt(findings) : 'You were interrupted. Go on where you stopped.',
    'This is the subtask, as before. Do not begin anew: your work is there.',
    subtaskPrompt(subtask, checkCommands),
  ].join('\n\n');
}

function list(items: readonly string[]): string[] {
  return items.map((item) => `- ${item}`);
}
