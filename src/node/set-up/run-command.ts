import { spawn } from 'node:child_process';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OrchestratorError } from '../../core/model/error.ts';
import { type Program, programOf } from '../process/program.ts';
import { killTree } from '../process/tree.ts';
import { setUpEnvironment } from './environment.ts';

export interface SetUpCommand {
  readonly argv: readonly string[];
  /** Folder to run in: the worktree. */
  readonly cwd: string;
  /** The parent's, of which only an allow-list is passed on. */
  readonly environment: NodeJS.ProcessEnv;
  /** `NAME=value` by which every process that it starts is found again. */
  readonly marker: string;
  /** File for what it prints. */
  readonly log: string;
  readonly limitMs: number;
}

/** The end of what a command printed that is worth showing. */
const SHOWN_CHARACTERS = 400;

/** Runs one command to its end, with all that it started. Throws `setup-failed` naming it, its log and what to do. */
export async function runSetUpCommand(command: SetUpCommand, signal: AbortSignal): Promise<void> {
  const { argv, cwd, environment, marker, log, limitMs } = command;
  signal.throwIfAborted();
  const { file, args } = started(argv, environment);
  await mkdir(dirname(log), { recursive: true, mode: 0o700 });
  const output = await open(log, 'a', 0o600);
  let why: string | undefined;
  try {
    await output.write(`$ ${argv.join(' ')}\n`);
    const name = marker.slice(0, marker.indexOf('='));
    const child = spawn(file, args, {
      cwd,
      env: { ...setUpEnvironment(environment), [name]: marker.slice(name.length + 1) },
      stdio: ['ignore', output.fd, output.fd],
      // A process group of its own, which is what gets ended.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    const kill = (): void => void (child.pid !== undefined && killTree(child.pid, marker));
    const timer = setTimeout(() => {
      why = `did not end within ${Math.round(limitMs / 60_000)} minutes`;
      kill();
    }, limitMs);
    signal.addEventListener('abort', kill, { once: true });
    try {
      const ended = await endOf(child, file);
      why ??= ended;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', kill);
      // What it left running would go on to write in the worktree.
      kill();
    }
  } finally {
    await output.close();
  }
  signal.throwIfAborted();
  if (why !== undefined) throw failed(argv, why, log, await endOfLog(log));
}

/** Throws `setup-failed` where it can't be started without a shell. */
function started(argv: readonly string[], environment: NodeJS.ProcessEnv): Program {
  try {
    return programOf(argv, environment);
  } catch (cause) {
    if (!(cause instanceof OrchestratorError)) throw cause;
    const message = `The set-up "${argv.join(' ')}" of a worktree can not be run: ${cause.message}`;
    throw new OrchestratorError('setup-failed', message, { cause, ...(cause.fix ? { fix: cause.fix } : {}) });
  }
}

/** What went wrong, as the rest of a sentence; undefined: nothing. */
function endOf(child: ReturnType<typeof spawn>, file: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      resolve(
        error.code === 'ENOENT'
          ? `could not be started: ${file} was not found`
          : `could not be started: ${error.message}`,
      ),
    );
    child.once('exit', (code, name) =>
      resolve(code === 0 ? undefined : name === null ? `ended with code ${code}` : `was ended by ${name}`),
    );
  });
}

function failed(argv: readonly string[], why: string, log: string, said: string): OrchestratorError {
  const words = said === '' ? '' : ` It said: ${said}`;
  return new OrchestratorError('setup-failed', `The set-up "${argv.join(' ')}" of a worktree ${why}.${words}`, {
    fix: `See ${log}. Mend it, or name other commands in the setting claudeOrchestrator.setupCommands ([] for none).`,
  });
}

async function endOfLog(log: string): Promise<string> {
  const file = await open(log, 'r');
  try {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.min(size, 4 * SHOWN_CHARACTERS));
    await file.read(buffer, 0, buffer.length, size - buffer.length);
    const lines = buffer.toString('utf8').split('\n').slice(1);
    return lines.join(' ').replace(/\s+/g, ' ').trim().slice(-SHOWN_CHARACTERS);
  } finally {
    await file.close();
  }
}
