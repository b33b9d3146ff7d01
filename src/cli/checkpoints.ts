import { type Checkpoint, hierarchy } from '../core/checkpoints/hierarchy.ts';
import { checkpointName } from '../core/model/checkpoint-name.ts';
import { OrchestratorError } from '../core/model/error.ts';
import { plainText } from '../core/model/plain-text.ts';
import type { RunState } from '../core/model/run.ts';
import type { Host } from '../host/host.ts';
import { isYes, terminalApprovals } from './approvals.ts';
import { parse, positiveNumber, wrongUse } from './arguments.ts';
import type { Command, CommandContext, ExitCode } from './command.ts';
import { Progress } from './progress.ts';
import { conclude } from './run.ts';
import { settingsOf } from './settings-options.ts';

const OPTIONS = { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;

export const checkpointsCommand: Command = {
  summary: 'list and show the checkpoints of a run, go on from one, remove old ones',
  help: `Usage: claude-orchestrator checkpoints list [RUN] [--json]
       claude-orchestrator checkpoints show CHECKPOINT [--json]
       claude-orchestrator checkpoints restore CHECKPOINT [--yes] [--claude PATH] [--json]
       claude-orchestrator checkpoints prune [--dry-run] [--older-than DAYS] [--max-megabytes N] [--json]

A run has a checkpoint for its plan, each subtask and each turn of a worker. \`list\` shows those of
the newest run unless you name one.

\`restore\` makes a new run that goes on from there: with what was merged by then, with the files and
the session of each worker whose turn had ended. The old run stays as it is. What was spent there
does not count for the spending cap of the new run. Asks first.

\`prune\` removes the files and sessions of workers' turns in runs that ended long ago, or more of
the oldest where they take too much room; that also happens when a run starts. Never what an
unfinished run or a result that was not applied needs, nor the last of a run.

  --yes                 restore and apply without asking
  --claude PATH         the Claude Code CLI (default: claude on PATH)
  --dry-run             only say what would go
  --older-than DAYS     (default: as the repository's configuration says, else 30)
  --max-megabytes N     of archived sessions (default: the same, else 1000)

Exit code: 0 done (restore: all subtasks merged and applied), 1 not, 2 wrong use.`,
  async run(args, context) {
    const [verb, ...rest] = args;
    const action = verb === undefined ? undefined : ACTIONS[verb];
    if (!action) throw wrongUse(`checkpoints takes ${Object.keys(ACTIONS).join(', ')}, not "${verb ?? ''}".`);
    return action(rest, context);
  },
};

const ACTIONS: Readonly<Record<string, (args: readonly string[], context: CommandContext) => Promise<ExitCode>>> = {
  list,
  show,
  restore,
  prune,
};

async function list(args: readonly string[], context: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parse(args, OPTIONS);
  const [named, ...rest] = positionals;
  if (rest.length > 0) throw wrongUse('Name at most one run, as "status" shows it.');
  const host = await context.openHost(terminalApprovals(context.terminal, false), '');
  const run = runOf(host, named);
  const { out } = context.terminal;
  const all = hierarchy(run);
  if (values.json) out(JSON.stringify({ run: run.id, checkpoints: all.map((one) => checkpointJson(run, one)) }));
  else for (const checkpoint of all) out(checkpointLine(run, checkpoint));
  return 0;
}

async function show(args: readonly string[], context: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parse(args, OPTIONS);
  const [named, ...rest] = positionals;
  if (named === undefined || rest.length > 0) throw wrongUse('Name one checkpoint, as "checkpoints list" shows it.');
  const host = await context.openHost(terminalApprovals(context.terminal, false), '');
  const { run, checkpoint } = checkpointOf(host, named);
  const json = checkpointJson(run, checkpoint);
  if (values.json) context.terminal.out(JSON.stringify(json));
  else for (const [name, value] of Object.entries(json)) context.terminal.out(`${name.padEnd(11)} ${shown(value)}`);
  return 0;
}

async function restore(args: readonly string[], context: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parse(args, { ...OPTIONS, yes: { type: 'boolean' }, claude: { type: 'string' } });
  const [named, ...rest] = positionals;
  if (named === undefined || rest.length > 0) throw wrongUse('Name one checkpoint, as "checkpoints list" shows it.');
  const { terminal, signal } = context;
  const yes = values.yes === true;
  const host = await context.openHost(terminalApprovals(terminal, yes), values.claude ?? '');
  const { run, checkpoint } = checkpointOf(host, named);
  const cap = `up to $${run.settings.maxCostUsd.toFixed(2)} anew`;
  if (
    !yes &&
    !isYes(await terminal.ask(`Start a new run that goes on from ${named} and may spend ${cap}? [y/N] `, signal))
  ) {
    terminal.progress('Nothing was restored. Give --yes to restore without asking.');
    return 1;
  }
  const progress = new Progress(terminal.progress);
  const from = { run: run.id, checkpoint: checkpoint.id };
  const state = await host.restore(from, (next) => progress.update(next), signal);
  return conclude(context, host, state, { yes, json: values.json === true });
}

async function prune(args: readonly string[], context: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parse(args, {
    ...OPTIONS,
    'dry-run': { type: 'boolean' },
    'older-than': { type: 'string' },
    'max-megabytes': { type: 'string' },
  });
  if (positionals.length > 0) throw wrongUse(`checkpoints prune takes no "${positionals[0]}".`);
  const { terminal, signal } = context;
  const dryRun = values['dry-run'] === true;
  const host = await context.openHost(terminalApprovals(terminal, false), '');
  const { checkpointDays, checkpointMegabytes } = await settingsOf(host.repository.root);
  const days = values['older-than'];
  const megabytes = values['max-megabytes'];
  const limits = {
    checkpointDays: days === undefined ? checkpointDays : positiveNumber('older-than', days),
    checkpointMegabytes: megabytes === undefined ? checkpointMegabytes : positiveNumber('max-megabytes', megabytes),
  };
  const { turns, refs, paths, keptBytes } = await host.pruneCheckpoints(limits, dryRun, signal);
  const names = turns.map(({ run, checkpoint }) => checkpointName(run, checkpoint));
  if (values.json) terminal.out(JSON.stringify({ dryRun, checkpoints: names, refs, paths, keptBytes }));
  else {
    for (const name of names) terminal.out(name);
    const what = `${names.length} checkpoints, ${refs.length} refs and ${paths.length} files`;
    terminal.out(
      `${what} ${dryRun ? 'would go' : 'are removed'}; ${(keptBytes / 1e6).toFixed(1)} MB of sessions stay.`,
    );
  }
  return 0;
}

function runOf(host: Host, id: string | undefined): RunState {
  const { runs } = host.runs();
  const found = id === undefined ? runs[0] : runs.find((run) => run.id === id);
  if (found) return found;
  const message = id === undefined ? 'There is no run in this repository.' : `There is no run "${id}" here.`;
  throw new OrchestratorError('run-not-found', message, { fix: 'See "claude-orchestrator status".' });
}

function checkpointOf(host: Host, name: string): { run: RunState; checkpoint: Checkpoint } {
  const [id = ''] = name.split('/');
  const run = runOf(host, id);
  const checkpoint = hierarchy(run).find((one) => checkpointName(run.id, one.id) === name);
  if (checkpoint) return { run, checkpoint };
  throw new OrchestratorError('wrong-use', `The run ${run.id} has no checkpoint "${name}".`, {
    fix: `See "claude-orchestrator checkpoints list ${run.id}".`,
  });
}

function checkpointLine(run: RunState, { id, kind, state, title, progress, commit, reason }: Checkpoint): string {
  const indent = kind === 'run' ? '' : kind === 'subtask' || id.startsWith('@') ? '  ' : '    ';
  const tail = reason === undefined ? '' : ` (${plainText(reason)})`;
  const at = `${progress.step}/${progress.of} ${progress.percent}% ${commit?.slice(0, 10) ?? ''}`;
  return `${indent}${state.padEnd(9)} ${checkpointName(run.id, id)}  ${at}  ${plainText(title).split('\n')[0]}${tail}`;
}

function checkpointJson(run: RunState, checkpoint: Checkpoint): Record<string, unknown> {
  const { id, parent, ...rest } = checkpoint;
  return {
    checkpoint: checkpointName(run.id, id),
    parent: id === '' ? null : checkpointName(run.id, parent),
    ...rest,
    commit: rest.commit ?? null,
    session: rest.session ?? null,
    worker: rest.worker ?? null,
    reason: rest.reason ?? null,
  };
}

function shown(value: unknown): string {
  if (value === null) return '-';
  return plainText(typeof value === 'object' ? JSON.stringify(value) : String(value));
}
