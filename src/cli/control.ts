import type { ControlOrder } from '../core/model/control.ts';
import { terminalApprovals } from './approvals.ts';
import { parse, wrongUse } from './arguments.ts';
import type { Command, CommandContext, ExitCode } from './command.ts';

const OPTIONS = { all: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;

const help = (name: string, what: string): string => `Usage: claude-orchestrator ${name} RUN|--all [--json]

${what}
It does not matter which window or terminal drives the run.

  --all                 every run that has not ended
  --json                print what came of it as JSON on stdout

Exit code: 0 done, 1 refused, 2 wrong use.`;

export const pauseCommand: Command = {
  summary: 'let a run start nothing more; what is in work goes on',
  help: help('pause', 'Starts no more subtasks of the run until "unpause"; what is in work goes on.'),
  run: (args, context) => control(args, context, { type: 'pause' }, 'paused'),
};

export const unpauseCommand: Command = {
  summary: 'let a paused run start subtasks again',
  help: help('unpause', 'Lets a paused run start subtasks again.'),
  run: (args, context) => control(args, context, { type: 'unpause' }, 'no longer paused'),
};

export const cancelCommand: Command = {
  summary: 'cancel a run: its workers are ended, what is merged is kept',
  help: help('cancel', 'Ends the workers of the run and the run itself; what is merged is kept.'),
  run: (args, context) => control(args, context, { type: 'cancel' }, 'cancelled'),
};

async function control(
  args: readonly string[],
  context: CommandContext,
  order: ControlOrder,
  done: string,
): Promise<ExitCode> {
  const { values, positionals } = parse(args, OPTIONS);
  const [named, ...rest] = positionals;
  if (rest.length > 0 || (named === undefined) !== (values.all === true))
    throw wrongUse('Name one run, as "status" shows it, or give --all.');
  const host = await context.openHost(terminalApprovals(context.terminal, false), '');
  const runs = named === undefined ? openRuns(host.runs().runs) : [named];
  const answers = [];
  for (const run of runs) answers.push({ run, ...(await host.ask(run, order, context.signal)) });
  if (values.json) context.terminal.out(JSON.stringify(answers));
  for (const { run, outcome, reason, driven } of answers) {
    const said = outcome === 'refused' ? `refused: ${reason}` : `${done}. ${reason}`.trim();
    context.terminal.progress(`${run}: ${said}${driven ? '' : goOn(run, outcome)}`);
  }
  if (runs.length === 0) context.terminal.progress('No run is under way.');
  return answers.every(({ outcome }) => outcome === 'accepted') ? 0 : 1;
}

function openRuns(runs: readonly { readonly id: string; readonly endedAt: number | undefined }[]): string[] {
  return runs.filter(({ endedAt }) => endedAt === undefined).map(({ id }) => id);
}

/** What was accepted has no effect before somebody goes on with the run. */
export function goOn(run: string, outcome: string): string {
  return outcome === 'accepted' ? ` Nobody drives it now; go on with it: claude-orchestrator resume ${run}` : '';
}
