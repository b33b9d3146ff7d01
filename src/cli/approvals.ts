import { plainText } from '../core/model/plain-text.ts';
import type { Approvals } from '../core/ports/approvals.ts';
import { planLines } from './describe.ts';
import type { Terminal } from './terminal.ts';

/** Asks on the terminal, one question at a time. With `yes` the plan is approved without asking; permissions never are. */
export function terminalApprovals(terminal: Terminal, yes: boolean): Approvals {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(question: () => Promise<T>): Promise<T> => {
    const next = last.then(question, question);
    last = next.catch(() => undefined);
    return next;
  };
  return {
    approvePlan: (question, signal) =>
      inTurn(async () => {
        for (const line of planLines(question.plan)) terminal.progress(line);
        if (question.dirtyPaths.length > 0) {
          terminal.progress(
            `Not part of the run, because not committed: ${question.dirtyPaths.slice(0, 10).join(', ')}`,
          );
        }
        terminal.progress(`Spending cap: $${question.maxCostUsd.toFixed(2)}`);
        if (yes) return { approved: true, by: 'setting' as const };
        const answer = await terminal.ask('Start? [y/N] ', signal);
        if (answer === undefined) terminal.progress('Nobody can be asked here: give --yes to start without asking.');
        return { approved: isYes(answer), by: 'person' as const };
      }),
    decidePermission: (question, signal) =>
      inTurn(async () => {
        terminal.progress(`"${question.subtask ?? 'planner'}" asks: ${plainText(question.summary)}`);
        const answer = await terminal.ask('Allow? [y/N] ', signal);
        const nobody = 'Nobody could be asked; do without it.';
        return {
          allow: isYes(answer),
          reason: answer === undefined ? nobody : isYes(answer) ? '' : 'The person denied it.',
        };
      }),
  };
}

export function isYes(answer: string | undefined): boolean {
  return /^y(es)?$/i.test(answer?.trim() ?? '');
}
