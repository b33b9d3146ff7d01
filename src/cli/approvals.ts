import { capsText } from '../core/model/budget.ts';
import { commandText } from '../core/model/command-text.ts';
import { oneLine, plainText } from '../core/model/plain-text.ts';
import type {
  Approvals,
  ConflictAnswer,
  ConflictQuestion,
  PermissionQuestion,
  PlanAnswer,
  PlanQuestion,
} from '../core/ports/approvals.ts';
import { planLines } from './describe.ts';
import type { Terminal } from './terminal.ts';

interface Answering {
  /** What the person has said of conflicts beforehand: ids of subtasks. */
  readonly resolved?: readonly string[];
  readonly givenUp?: readonly string[];
  /** Where nobody can be asked, questions wait for an answer from another terminal. */
  readonly waits?: boolean;
}

/** Asks on the terminal, one question at a time. With `yes` the plan is approved without asking; permissions never are. */
export function terminalApprovals(
  terminal: Terminal,
  yes: boolean,
  { resolved = [], givenUp = [], waits = false }: Answering = {},
): Approvals {
  const used = new Set<string>();
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = async <T>(question: () => Promise<T>, signal: AbortSignal): Promise<T> => {
    const next = last.then(() => {
      signal.throwIfAborted();
      return question();
    });
    last = next.catch(() => undefined);
    // A question that is withdrawn before its turn does not wait for the one before it.
    return Promise.race([next, aborted(signal)]);
  };
  return {
    approvePlan: (question, signal) =>
      inTurn(async (): Promise<PlanAnswer> => {
        for (const line of planQuestionLines(question)) terminal.progress(line);
        if (yes) return { approved: true, by: 'setting' as const };
        const answer = await terminal.ask('Start? [y/N] ', signal);
        if (answer === undefined && waits) return elsewhere(terminal, question.run, signal);
        if (answer === undefined) terminal.progress('Nobody can be asked here: give --yes to start without asking.');
        if (!isYes(answer) || question.dirtyPaths.length === 0)
          return { approved: isYes(answer), by: 'person' as const };
        const include = await terminal.ask('Include your uncommitted changes? [y/N] ', signal);
        return { approved: true, by: 'person' as const, includeUncommitted: isYes(include) };
      }, signal),
    decidePermission: (question, signal) =>
      inTurn(async (): Promise<{ allow: boolean; reason: string }> => {
        terminal.progress(`"${question.subtask ?? 'planner'}" asks: ${plainText(question.summary)}`);
        for (const line of wholeCommand(question)) terminal.progress(`  | ${line}`);
        const answer = await terminal.ask('Allow? [y/N] ', signal);
        if (answer === undefined && waits) return elsewhere(terminal, question.run, signal);
        const nobody = 'Nobody could be asked; do without it.';
        return {
          allow: isYes(answer),
          reason: answer === undefined ? nobody : isYes(answer) ? '' : 'The person denied it.',
        };
      }, signal),
    resolveConflict: (question, signal) =>
      inTurn(async () => {
        const { subtask, problems } = question;
        for (const line of problems) terminal.progress(plainText(line));
        if (givenUp.includes(subtask)) return 'give-up';
        // What was said counts for what lay there then, not for what was not accepted.
        const isSaid = resolved.includes(subtask) && !used.has(subtask);
        used.add(subtask);
        return isSaid ? 'use' : askResolution(terminal, question, signal);
      }, signal),
  };
}

/** What is asked of whoever is to approve a plan, a line each. */
export function planQuestionLines(question: PlanQuestion): string[] {
  const { plan, dirtyPaths, checkCommands, setupCommands, checks, estimate, caps } = question;
  return [
    ...planLines(plan),
    ...(dirtyPaths.length === 0
      ? []
      : [
          `Not part of the run, because not committed: ${uncommitted(dirtyPaths)} (with --include-uncommitted they are).`,
        ]),
    ...checkCommands.map((command) => `Workers may run without asking: ${oneLine(command, 500)}`),
    ...setupCommands.map((command) => `Runs in every worktree first: ${oneLine(command.join(' '), 500)}`),
    ...checks.map(({ name, command, detected }) => {
      const why = detected ? 'found here, must not get worse' : 'must pass';
      return `Runs on what is merged: ${oneLine(`${name}: ${commandText(command)}`, 500)} (${why})`;
    }),
    estimate,
    `Spending cap: ${capsText(caps)}`,
  ];
}

/** Until the question is withdrawn, since it was answered from elsewhere. */
function elsewhere(terminal: Terminal, run: string, signal: AbortSignal): Promise<never> {
  terminal.progress(`It waits for your answer from another terminal: claude-orchestrator questions ${run}`);
  return aborted(signal);
}

async function askResolution(
  terminal: Terminal,
  { reason, folder, paths, subtask }: ConflictQuestion,
  signal: AbortSignal,
): Promise<ConflictAnswer> {
  terminal.progress(`"${subtask}": ${plainText(reason)}`);
  terminal.progress(`Both sides are in these files of ${plainText(folder)}:`);
  for (const path of paths) terminal.progress(`  ${plainText(path)}`);
  const answer = await terminal.ask('Mend them, then: [u]se what is there, [g]ive the subtask up, [l]ater? ', signal);
  if (/^u(se)?$/i.test(answer?.trim() ?? '')) return 'use';
  return /^g(ive up)?$/i.test(answer?.trim() ?? '') ? 'give-up' : 'later';
}

function uncommitted(paths: readonly string[]): string {
  const more = paths.length > 10 ? ` and ${paths.length - 10} more` : '';
  return `${paths.slice(0, 10).map(plainText).join(', ')}${more}`;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** The command line for line where the summary does not show all of it: nobody should allow what they can't see. */
function wholeCommand({ input, summary }: PermissionQuestion): string[] {
  const { command } = input as { command?: unknown };
  return typeof command !== 'string' || summary.endsWith(command) ? [] : plainText(command).split('\n');
}

export function isYes(answer: string | undefined): boolean {
  return /^y(es)?$/i.test(answer?.trim() ?? '');
}
