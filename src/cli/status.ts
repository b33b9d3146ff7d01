import type { RunState } from '../core/model/run.ts';
import { lockOwner } from '../node/state/lock.ts';
import { attemptIsAlive } from '../node/state/observe.ts';
import { terminalApprovals } from './approvals.ts';
import { parse, wrongUse } from './arguments.ts';
import type { Command } from './command.ts';
import { conditionsNow } from './conditions.ts';
import { runJson, runLines } from './describe.ts';

/** Runs that `status` shows without --all. */
const SHOWN = 5;

export const statusCommand: Command = {
  summary: "show this repository's runs, read from their journals",
  help: `Usage: claude-orchestrator status [--all] [--json]

Shows the last ${SHOWN} runs of this repository, newest first, and who works on it now.

Exit code: 0 shown, 2 wrong use.`,
  async run(args, context) {
    const { values, positionals } = parse(args, {
      all: { type: 'boolean' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    });
    if (positionals.length > 0) throw wrongUse(`status takes no "${positionals[0]}".`);
    const host = await context.openHost(terminalApprovals(context.terminal, false), '');
    const { runs, unreadable, cut } = host.runs();
    const owner = lockOwner(host.paths.locks);
    // A status is what is, not what was written down last.
    const isInterrupted = (run: RunState): boolean => run.endedAt === undefined && owner === undefined;
    // Half a batch is being written where somebody drives the run, and was lost where nobody does.
    const lost = owner ? [] : cut;
    const isAlive = (run: RunState) => (attempt: string) => attemptIsAlive(host.paths, run.id, attempt);
    const conditions = conditionsNow();
    const shown = values.all ? runs : runs.slice(0, SHOWN);
    if (values.json) {
      const who = owner ? { holder: owner.holder, pid: owner.owner.pid, host: owner.owner.host } : null;
      context.terminal.out(
        JSON.stringify({
          repository: host.repository.root,
          state: host.paths.root,
          owner: who,
          runs: shown.map((run) => runJson(run, conditions, isInterrupted(run))),
          unreadable,
          warnings: lost,
        }),
      );
      return 0;
    }
    if (owner) context.terminal.out(`${owner.holder} (process ${owner.owner.pid}) works on this repository now.`);
    for (const run of shown)
      for (const line of runLines(run, conditions, isInterrupted(run), isAlive(run))) context.terminal.out(line);
    for (const { id, problem } of unreadable) context.terminal.out(`${id}  can not be read: ${problem}`);
    for (const { id, problem } of lost) context.terminal.out(`${id}  ${problem}`);
    if (runs.length === 0 && unreadable.length === 0)
      context.terminal.out('No runs yet. Start one with: claude-orchestrator run "<task>"');
    return 0;
  },
};
