import type { FileReport } from '../model/findings.ts';
import type { Subtask } from '../model/plan.ts';

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
  if (subtask.scope.length > 0) parts.push(['Change only files that match:', ...list(subtask.scope)].join('\n'));
  if (subtask.produces.length > 0)
    parts.push(['These files must exist when you are done:', ...list(subtask.produces)].join('\n'));
  if (checkCommands.length > 0) parts.push(['You may run, exactly as written:', ...list(checkCommands)].join('\n'));
  return parts.join('\n\n');
}

/** Next message of a session whose result was rejected: the findings with their places, one-based. */
export function findingsPrompt(files: readonly FileReport[]): string {
  const lines = files.flatMap((file) =>
    file.findings
      // What was not checked has no error, and is the reason all the same.
      .filter((finding) => finding.severity === 'error' || file.status === 'skipped')
      .map(
        ({ range, message, rule }) =>
          `- ${file.path}:${range.start.line + 1}:${range.start.character + 1} ${message} (${rule})`,
      ),
  );
  const shown = lines.slice(0, 50);
  if (lines.length > shown.length) shown.push(`- … and ${lines.length - shown.length} more`);
  return ['Your result was checked and is not accepted yet. Mend these and then say what you changed:', ...shown].join(
    '\n',
  );
}

/** First message to a fork of an earlier session, whose files lie in another folder now. */
export function continuePrompt(cwd: string, files: readonly FileReport[]): string {
  return `You go on in another folder, ${cwd}: it holds the files as you left them, and you work only there.\n\n${findingsPrompt(files)}`;
}

function list(items: readonly string[]): string[] {
  return items.map((item) => `- ${item}`);
}
