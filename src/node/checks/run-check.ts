import { type ChildProcess, spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { ATTEMPT_MARKER } from '../../core/model/attempt-files.ts';
import type { Check } from '../../core/model/checks.ts';
import { explain } from '../../core/model/error.ts';
import type { CheckRun, Checks } from '../../core/ports/checks.ts';
import { type Program, programOf } from '../process/program.ts';
import { killMarked, killTree, signal as signalTree } from '../process/tree.ts';

/** A check that is ended gets this long to end by itself before its tree is killed. */
const GRACE_MS = 2_000;
/** Of a check's output only so much of the end is kept. */
const KEPT_BYTES = 64 * 1024;

/**
 * Runs the project's checks as processes.
 *
 * @param environmentNames what of `environment` reaches them; nothing else of it does
 */
export function projectChecks(environmentNames: readonly string[], environment: NodeJS.ProcessEnv): Checks {
  return { run: (check, folder, owner, signal) => run(check, folder, owner, environmentNames, environment, signal) };
}

/** Ends what is left of checks whose orchestrator died, where the system shows whose a process is (Linux). */
export function endLeftChecks(owner: string): void {
  killMarked(`${ATTEMPT_MARKER}=${owner}`);
}

function run(
  { command, timeoutSeconds }: Check,
  cwd: string,
  owner: string,
  names: readonly string[],
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<CheckRun> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    let program: Program;
    try {
      program = programOf(command, environment);
    } catch (error) {
      return resolve({ outcome: 'not-started', exitCode: null, output: explain(error), durationMs: 0 });
    }
    const child = spawn(program.file, program.args, {
      cwd,
      env: checkEnvironment(names, environment, owner),
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own, which is what gets signalled.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    const kill = (): void => {
      if (child.pid !== undefined) killTree(child.pid, `${ATTEMPT_MARKER}=${owner}`);
    };
    const output = new Tail();
    let timedOut = false;
    let grace: NodeJS.Timeout | undefined;
    const stop = (): void => {
      if (child.pid !== undefined) signalTree(process.platform === 'win32' ? child.pid : -child.pid, 'SIGTERM');
      grace ??= setTimeout(kill, GRACE_MS);
    };
    const timer = setTimeout(() => {
      timedOut = true;
      stop();
    }, timeoutSeconds * 1_000);
    signal.addEventListener('abort', stop, { once: true });
    const tidy = (): void => {
      clearTimeout(timer);
      clearTimeout(grace);
      signal.removeEventListener('abort', stop);
    };
    const end = (rest: Omit<CheckRun, 'durationMs'>): void => {
      tidy();
      if (signal.aborted) reject(signal.reason);
      else resolve({ ...rest, durationMs: Math.round(performance.now() - startedAt) });
    };
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => output.push(chunk));
    child.once('error', (error) => end({ outcome: 'not-started', exitCode: null, output: error.message }));
    // What it left running holds its output open, so it goes first.
    child.once('exit', () => {
      kill();
      closeSoon(child);
    });
    child.once('close', (code, name) => {
      const outcome = timedOut ? 'timed-out' : code === 0 ? 'passed' : 'failed';
      const ended = name === null ? '' : `\nIt was ended by ${name}.`;
      const late = timedOut ? `\nIt took longer than ${timeoutSeconds} s and was ended.` : ended;
      end({ outcome, exitCode: code, output: `${output.text()}${late}` });
    });
  });
}

/** Where processes that hold the output can not be found, its end is not waited for. */
function closeSoon(child: ChildProcess): void {
  const timer = setTimeout(() => {
    child.stdout?.destroy();
    child.stderr?.destroy();
  }, GRACE_MS);
  child.once('close', () => clearTimeout(timer));
}

function checkEnvironment(names: readonly string[], own: NodeJS.ProcessEnv, owner: string): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of names) {
    const value = own[name];
    if (value !== undefined) environment[name] = value;
  }
  // Test runners wait for changes instead of ending where they believe that a person looks on.
  return { ...environment, CI: 'true', [ATTEMPT_MARKER]: owner };
}

/** The end of a long output. */
class Tail {
  #chunks: Buffer[] = [];
  #bytes = 0;

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < 2 * KEPT_BYTES) return;
    const kept = Buffer.concat(this.#chunks).subarray(-KEPT_BYTES);
    this.#chunks = [kept];
    this.#bytes = kept.length;
  }

  text(): string {
    const text = stripVTControlCharacters(Buffer.concat(this.#chunks).toString('utf8'));
    return text.replace(/\r\n?/g, '\n').replace(/[^\P{Cc}\n\t]/gu, '');
  }
}
