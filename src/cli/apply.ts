import { explain, OrchestratorError } from '../core/model/error.ts';
import { terminalApprovals } from './approvals.ts';
import { parse, wrongUse } from './arguments.ts';
import type { Command } from './command.ts';
import { tryApply } from './run.ts';

const OPTIONS = { help: { type: 'boolean', short: 'h' } } as const;

export const applyCommand: Command = {
  summary: "apply a finished run's result to your branch",
  help: `Usage: claude-orchestrator apply RUN [--hooks]

Brings what the run has merged to the branch that is checked out: all of it or nothing. No hook
runs, unless you say so.

  --hooks               run your own hooks pre-commit and commit-msg on it first, in a worktree of
                        its own; where one fails or changes files, nothing is applied

Exit code: 0 applied, 1 something stands in the way, 2 wrong use.`,
  async run(args, context) {
    const { values, positionals } = parse(args, { ...OPTIONS, hooks: { type: 'boolean' } });
    const run = oneRun(positionals);
    const host = await context.openHost(terminalApprovals(context.terminal, false), '');
    return (await tryApply(context, host, run, values.hooks === true)) ? 0 : 1;
  },
};

export const undoCommand: Command = {
  summary: 'take back what applying a run did',
  help: `Usage: claude-orchestrator undo RUN

Brings your branch, index and files back to what they were before the run was applied; what you
have changed in other files stays. Refuses when you have gone on since, with commits or in the
files that it changed. The result is kept and can be applied again.

Exit code: 0 undone, 1 something stands in the way, 2 wrong use.`,
  async run(args, context) {
    const run = oneRun(parse(args, OPTIONS).positionals);
    const host = await context.openHost(terminalApprovals(context.terminal, false), '');
    try {
      const inPlace = host.runs().runs.find(({ id }) => id === run)?.application?.inPlace === true;
      const { branch, from } = await host.undo(run, context.signal);
      const what = inPlace ? 'your files are' : `${branch} is at ${from.slice(0, 9)} again,`;
      context.terminal.progress(`Undone: ${what} as before.`);
      return 0;
    } catch (error) {
      if (!(error instanceof OrchestratorError) || error.code !== 'undo-blocked') throw error;
      context.terminal.progress(`Not undone: ${explain(error)}`);
      return 1;
    }
  },
};

function oneRun([run, ...rest]: readonly string[]): string {
  if (run === undefined || rest.length > 0) throw wrongUse('Name one run, as "status" shows it.');
  return run;
}
