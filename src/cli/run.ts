import { resolve } from 'node:path';
import { checkSchema } from '../core/model/checks.ts';
import { explain, OrchestratorError } from '../core/model/error.ts';
import type { RunState } from '../core/model/run.ts';
import type { RunSettings } from '../core/model/settings.ts';
import type { Host } from '../host/host.ts';
import { isYes, terminalApprovals } from './approvals.ts';
import { integer, parse, wrongUse } from './arguments.ts';
import type { Command, CommandContext, ExitCode } from './command.ts';
import { conditionsNow } from './conditions.ts';
import { planLines, runJson } from './describe.ts';
import { readPlan } from './plan-file.ts';
import { Progress } from './progress.ts';
import { COMMON_OPTIONS, common, SETTINGS_HELP, settingsOf } from './settings-options.ts';
import { readTask, TASK_FILE_HELP } from './task.ts';

const WAIT_HELP = `  --wait-for-answers    where nobody can be asked here, questions wait for "answer" from another terminal`;

export const runCommand: Command = {
  summary: 'plan a task, let workers do it, check and merge their results',
  help: `Usage: claude-orchestrator run "<task>" [options]

Plans the task, runs its subtasks in parallel workers, checks each result, merges what passes
and applies it to your branch. Asks before it starts and before it applies.

  --yes                 start and apply without asking
${WAIT_HELP}
${TASK_FILE_HELP}
  --plan FILE           use this plan; no planner session
  --include-uncommitted start from your files as they are, not from the last commit
  --no-reuse            let workers do what an earlier run has a result for
  --concurrency N       workers at the same time (default 3)
  --check-command CMD   a command that workers may run without asking; repeatable
  --check CMD           a command that must pass on what is merged, its words separated by spaces; repeatable
                        (default: npm test and npm run typecheck where the repository has them)
  --no-checks           run none of them
${SETTINGS_HELP}

Exit code: 0 all subtasks merged and applied, 1 not, 2 wrong use.`,
  async run(args, context) {
    const { values, positionals } = parse(args, {
      ...COMMON_OPTIONS,
      yes: { type: 'boolean' },
      'wait-for-answers': { type: 'boolean' },
      plan: { type: 'string' },
      'include-uncommitted': { type: 'boolean' },
      'no-reuse': { type: 'boolean' },
      concurrency: { type: 'string' },
      'check-command': { type: 'string', multiple: true },
      check: { type: 'string', multiple: true },
      'no-checks': { type: 'boolean' },
    });
    const plan = values.plan === undefined ? undefined : await readPlan(resolve(context.cwd, values.plan));
    const file = values['task-file'];
    const isUnsaid = positionals.length === 0 && file === undefined;
    const task = isUnsaid && plan ? plan.title : await readTask(positionals, file, context);
    const given = {
      ...common(values),
      ...(values.concurrency === undefined ? {} : { concurrency: integer('concurrency', values.concurrency, 1, 64) }),
      ...(values['no-reuse'] ? { reuse: false } : {}),
      ...(values['check-command'] === undefined ? {} : { checkCommands: values['check-command'] }),
      ...checksOf(values.check, values['no-checks'] === true),
    };
    const yes = values.yes === true;
    const waits = values['wait-for-answers'] === true;
    const host = await context.openHost(terminalApprovals(context.terminal, yes, { waits }), values.claude ?? '');
    const settings = await settingsOf(host.repository.root, given);
    const state = await drive(context, host, {
      task,
      plan,
      settings,
      planOnly: false,
      includeUncommitted: values['include-uncommitted'] === true,
    });
    return conclude(context, host, state, { yes, json: values.json === true });
  },
};

export const resumeCommand: Command = {
  summary: 'go on with a run that was interrupted, in the editor or here',
  help: `Usage: claude-orchestrator resume [RUN] [--yes] [--claude PATH] [--json]

Goes on with an unfinished run, the newest one unless you name it. What has ended is not done
again; workers that still run are followed.

${WAIT_HELP}
  --resolved SUBTASK    you have resolved its conflict in the folder that was named; repeatable
  --give-up SUBTASK     it fails with its conflict; repeatable

Exit code: 0 all subtasks merged and applied, 1 not, 2 wrong use.`,
  async run(args, context) {
    const { values, positionals } = parse(args, {
      yes: { type: 'boolean' },
      'wait-for-answers': { type: 'boolean' },
      claude: { type: 'string' },
      json: { type: 'boolean' },
      resolved: { type: 'string', multiple: true },
      'give-up': { type: 'string', multiple: true },
      help: { type: 'boolean', short: 'h' },
    });
    const [named, ...rest] = positionals;
    if (rest.length > 0) throw wrongUse('Name at most one run, as "status" shows it.');
    const yes = values.yes === true;
    const waits = values['wait-for-answers'] === true;
    const said = { resolved: values.resolved ?? [], givenUp: values['give-up'] ?? [], waits };
    const host = await context.openHost(terminalApprovals(context.terminal, yes, said), values.claude ?? '');
    const run = named ?? host.runs().runs.find(({ endedAt }) => endedAt === undefined)?.id;
    if (run === undefined) {
      throw new OrchestratorError('run-not-found', 'There is no unfinished run in this repository.', {
        fix: 'See "claude-orchestrator status".',
      });
    }
    const known = host.runs().runs.find(({ id }) => id === run);
    if (known?.endedAt !== undefined)
      context.terminal.progress(`The run ${run} has ended already (${known.status}). ${known.detail ?? ''}`.trim());
    const state = await driven(context, (onChange) => host.resume(run, onChange, context.signal));
    return conclude(context, host, state, { yes, json: values.json === true });
  },
};

export const planCommand: Command = {
  summary: 'only plan a task and print the plan',
  help: `Usage: claude-orchestrator plan "<task>" [options]

Lets a planner session look at the repository and prints its plan. With --json the plan can be
saved to a file, edited and given to "run --plan FILE".

${TASK_FILE_HELP}
${SETTINGS_HELP}

Exit code: 0 there is a plan, 1 not, 2 wrong use.`,
  async run(args, context) {
    const { values, positionals } = parse(args, COMMON_OPTIONS);
    const task = await readTask(positionals, values['task-file'], context);
    const given = common(values);
    const host = await context.openHost(terminalApprovals(context.terminal, false), values.claude ?? '');
    const settings = await settingsOf(host.repository.root, given);
    const { plan } = await drive(context, host, { task, plan: undefined, settings, planOnly: true });
    if (!plan) return 1;
    const lines = [...planLines(plan), host.estimate(plan, settings.concurrency)];
    context.terminal.out(values.json ? JSON.stringify(plan, null, 2) : lines.join('\n'));
    return 0;
  },
};

async function drive(context: CommandContext, host: Host, request: Parameters<Host['run']>[0]): Promise<RunState> {
  return driven(context, (onChange) => host.run(request, onChange, context.signal));
}

/** Shows the progress of a run. One that waits for the person says for what, and stays as it is. */
async function driven(
  { terminal }: CommandContext,
  start: (onChange: (state: RunState) => void) => Promise<RunState>,
): Promise<RunState> {
  const progress = new Progress(terminal.progress);
  let last: RunState | undefined;
  try {
    return await start((state) => {
      last = state;
      progress.update(state);
    });
  } catch (error) {
    if (!(error instanceof OrchestratorError) || error.code !== 'waits-for-person' || !last) throw error;
    terminal.progress(explain(error));
    return last;
  }
}

/** Applies what a run has merged, and prints the result. */
export async function conclude(
  context: CommandContext,
  host: Host,
  state: RunState,
  { yes, json }: { yes: boolean; json: boolean },
): Promise<ExitCode> {
  const done =
    state.applied !== undefined || (state.status === 'completed' && (await apply(context, host, state, yes)));
  const last = host.runs().runs.find(({ id }) => id === state.id) ?? state;
  if (json) context.terminal.out(JSON.stringify(runJson(last, conditionsNow(), false)));
  return done ? 0 : 1;
}

async function apply(context: CommandContext, host: Host, state: RunState, yes: boolean): Promise<boolean> {
  const { terminal, signal } = context;
  // Who has said yes before is shown what was done, so it is worked out once.
  const plan = yes ? undefined : await host.planApply(state.id, signal);
  if (plan?.ok) {
    for (const { change, path } of plan.files) terminal.progress(`  ${change.padEnd(8)} ${path}`);
    const where = plan.inPlace ? 'beside your uncommitted changes' : `to ${plan.branch}`;
    if (!isYes(await terminal.ask(`Apply ${plan.files.length} changed files ${where}? [y/N] `, signal))) {
      terminal.progress(`Not applied. Later: claude-orchestrator apply ${state.id}`);
      return false;
    }
  }
  return tryApply(context, host, state.id);
}

/** Applies a run, if there is anything to apply; says what stands in the way instead of throwing. */
export async function tryApply(context: CommandContext, host: Host, run: string, hooks = false): Promise<boolean> {
  try {
    const { branch, files, inPlace } = await host.apply(run, context.signal, { hooks });
    context.terminal.progress(
      inPlace
        ? `Written beside your uncommitted changes: ${files.length} changed files. Nothing was committed.`
        : `Applied to ${branch}: ${files.length} changed files.`,
    );
    context.terminal.progress(`To take it back: claude-orchestrator undo ${run}`);
    return true;
  } catch (error) {
    if (!(error instanceof OrchestratorError)) throw error;
    if (error.code === 'nothing-to-apply') {
      context.terminal.progress(error.message);
      return true;
    }
    if (error.code !== 'apply-blocked') throw error;
    context.terminal.progress(
      `Not applied: ${explain(error)} The result is kept; later: claude-orchestrator apply ${run}`,
    );
    return false;
  }
}

function checksOf(commands: readonly string[] | undefined, none: boolean): Pick<Partial<RunSettings>, 'checks'> {
  if (none && commands) throw wrongUse('Give either --check or --no-checks.');
  if (none) return { checks: [] };
  if (!commands) return {};
  return {
    checks: commands.map((text) => {
      const command = text.trim().split(/\s+/);
      const name = command.join(' ').slice(0, 60).trim();
      const parsed = checkSchema.safeParse({ name, command });
      if (!parsed.success) throw wrongUse(`--check takes a command, not "${text}".`);
      return parsed.data;
    }),
  };
}
