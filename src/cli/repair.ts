import { terminalApprovals } from './approvals.ts';
import { parse, wrongUse } from './arguments.ts';
import type { Command } from './command.ts';

export const repairCommand: Command = {
  summary: "cut a run's damaged journal before the damage, so that it can be read again",
  help: `Usage: claude-orchestrator repair RUN

For a run of which "status" says that its journal is damaged. What happened after the damage is
forgotten, with what it cost; nothing is removed from the files. "resume" then does again what is
not known to be done. Refuses while a worker of the run lives.

Exit code: 0 the journal is whole now, 1 it could not be cut, 2 wrong use.`,
  async run(args, context) {
    const [run, ...rest] = parse(args, { help: { type: 'boolean', short: 'h' } }).positionals;
    if (run === undefined || rest.length > 0) throw wrongUse('Name one run, as "status" shows it.');
    const host = await context.openHost(terminalApprovals(context.terminal, false), '');
    const repaired = await host.repair(run);
    const { progress } = context.terminal;
    if (!repaired) {
      progress(`The journal of ${run} is whole: nothing was changed.`);
      return 0;
    }
    const { file, offset, events } = repaired;
    progress(`The journal of ${run} ends with event ${events} now (${file}, byte ${offset}).`);
    progress(`Look at it with "status", go on with it: claude-orchestrator resume ${run}`);
    return 0;
  },
};
