import { isYes, terminalApprovals } from './approvals.ts';
import { parse, wrongUse } from './arguments.ts';
import type { Command, CommandContext } from './command.ts';

const OPTIONS = { yes: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;

export const discardCommand: Command = {
  summary: 'remove a run for good: its journal, results and worktrees',
  help: `Usage: claude-orchestrator discard RUN [--yes]

Ends what of the run still runs and removes its journal, what its workers said, its worktrees
and the refs that keep its results. What was applied to your branch stays. Asks first.

  --yes                 do not ask

Exit code: 0 removed, 1 not, 2 wrong use.`,
  async run(args, context) {
    const { values, positionals } = parse(args, OPTIONS);
    const [run, ...rest] = positionals;
    if (run === undefined || rest.length > 0) throw wrongUse('Name one run, as "status" shows it.');
    const { terminal, signal } = context;
    const host = await context.openHost(terminalApprovals(terminal, false), '');
    const state = host.runs().runs.find(({ id }) => id === run);
    if (state) {
      const lost = state.applied ? 0 : state.integrationOrder.length;
      const what = `Merged results that are lost, as they are not applied: ${lost}.`;
      terminal.progress(`${run}: ${lost === 0 ? 'Nothing is lost that was not applied.' : what}`);
    }
    if (!(await isSure(context, `Remove the run ${run} for good? [y/N] `, values.yes))) return 1;
    await host.discard(run, signal);
    terminal.progress(`The run ${run} is removed.`);
    return 0;
  },
};

export const cleanCommand: Command = {
  summary: 'remove everything this product ever made for this repository',
  help: `Usage: claude-orchestrator clean [--yes]

Removes all runs with their journals, all worktrees, all refs under refs/claude-orchestrator and
all else in this repository's state folder but its lock. Your branches, files and ${'`.claude-orchestrator`'} folder stay. Asks first;
refuses while somebody works on the repository.

  --yes                 do not ask

Exit code: 0 removed, 1 not, 2 wrong use.`,
  async run(args, context) {
    const { values, positionals } = parse(args, OPTIONS);
    if (positionals.length > 0) throw wrongUse(`clean takes no "${positionals[0]}".`);
    const { terminal, signal } = context;
    const host = await context.openHost(terminalApprovals(terminal, false), '');
    const { runs, refs, worktrees, folder } = await host.belongings(signal);
    terminal.progress(`${runs.length} runs, ${worktrees.length} worktrees, ${refs.length} refs and ${folder}`);
    if (!(await isSure(context, 'Remove all of it for good? [y/N] ', values.yes))) return 1;
    await host.cleanUp(signal);
    terminal.progress(`Removed. The lock in ${folder} stays.`);
    return 0;
  },
};

async function isSure({ terminal, signal }: CommandContext, question: string, yes = false): Promise<boolean> {
  if (yes) return true;
  const answer = await terminal.ask(question, signal);
  if (answer === undefined) terminal.progress('Nobody can be asked here: give --yes to remove without asking.');
  else if (!isYes(answer)) terminal.progress('Nothing was removed.');
  return isYes(answer);
}
