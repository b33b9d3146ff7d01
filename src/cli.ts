import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyCommand, undoCommand } from './cli/apply.ts';
import { changeCommand } from './cli/change.ts';
import { checkpointsCommand } from './cli/checkpoints.ts';
import { cleanCommand, discardCommand } from './cli/clean.ts';
import type { Command, CommandContext, ExitCode } from './cli/command.ts';
import { cancelCommand, pauseCommand, unpauseCommand } from './cli/control.ts';
import { doctorCommand } from './cli/doctor.ts';
import { answerCommand, questionsCommand } from './cli/questions.ts';
import { repairCommand } from './cli/repair.ts';
import { planCommand, resumeCommand, runCommand } from './cli/run.ts';
import { simulateCommand } from './cli/simulate.ts';
import { statusCommand } from './cli/status.ts';
import { terminal } from './cli/terminal.ts';
import { validateCommand } from './cli/validate.ts';
import { explain, OrchestratorError } from './core/model/error.ts';
import { openHost } from './host/host.ts';
import { ParserThreads } from './node/parsers/parser-threads.ts';
import { stateHome } from './node/state/paths.ts';
import { detachedSupervisor } from './node/workers/detached-supervisor.ts';

/** Composition root of the command line: everything without an editor. */
const COMMANDS: Readonly<Record<string, Command>> = {
  run: runCommand,
  plan: planCommand,
  resume: resumeCommand,
  status: statusCommand,
  pause: pauseCommand,
  unpause: unpauseCommand,
  cancel: cancelCommand,
  change: changeCommand,
  questions: questionsCommand,
  answer: answerCommand,
  apply: applyCommand,
  undo: undoCommand,
  checkpoints: checkpointsCommand,
  validate: validateCommand,
  simulate: simulateCommand,
  doctor: doctorCommand,
  repair: repairCommand,
  discard: discardCommand,
  clean: cleanCommand,
};

const HELP = `Usage: claude-orchestrator <command> [options]

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(11)} ${summary}`)
  .join('\n')}

claude-orchestrator <command> --help says more. State lives in ${stateHome(process.env)}
(another folder: CLAUDE_ORCHESTRATOR_STATE_HOME).

Exit code: 0 done, 1 the work failed, 2 wrong use.`;

async function main(args: readonly string[], signal: AbortSignal): Promise<ExitCode> {
  const [name, ...rest] = args;
  if (name === '--help' || name === '-h' || name === 'help') {
    terminal.out(HELP);
    return 0;
  }
  if (name === '--version') {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')) as {
      version: string;
    };
    terminal.out(version);
    return 0;
  }
  const command = name === undefined ? undefined : Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    terminal.progress(name === undefined ? HELP : `There is no command "${name}". See --help.`);
    return 2;
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    terminal.out(command.help);
    return 0;
  }
  const parsers = new ParserThreads({ entry: join(import.meta.dirname, 'parser-thread.js') });
  try {
    return await command.run(rest, context(parsers, signal));
  } finally {
    await parsers.close();
  }
}

function context(parsers: ParserThreads, signal: AbortSignal): CommandContext {
  const { env } = process;
  return {
    terminal,
    cwd: process.cwd(),
    env,
    signal,
    parsers,
    openHost: (approvals, claude) =>
      openHost(
        {
          folder: process.cwd(),
          stateHome: stateHome(env, env['CLAUDE_ORCHESTRATOR_STATE_HOME']),
          holder: 'The command line',
          claude,
          env,
          supervisorScript: join(import.meta.dirname, 'worker.js'),
          startWith: detachedSupervisor,
          parsers,
          approvals,
          logger: {
            info: () => undefined,
            warn: (message) => terminal.progress(`Warning: ${message}`),
            error: (message, cause) =>
              terminal.progress(cause === undefined ? message : `${message} ${explain(cause)}`),
          },
        },
        signal,
      ),
  };
}

/** The first interrupt cancels and cleans up; a second one ends at once, and workers end by their deadline. */
function cancelOnInterrupt(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(1);
      terminal.progress('Cancelling… (once more to leave at once)');
      controller.abort(new OrchestratorError('cancelled', 'It was cancelled.'));
    });
  }
  return controller.signal;
}

// Whoever reads the output may have enough of it.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}

main(process.argv.slice(2), cancelOnInterrupt()).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    terminal.progress(explain(error));
    if (!(error instanceof OrchestratorError) && error instanceof Error) terminal.progress(error.stack ?? '');
    const usage =
      error instanceof OrchestratorError && ['wrong-use', 'bad-plan', 'bad-configuration'].includes(error.code);
    process.exitCode = usage ? 2 : 1;
  },
);
