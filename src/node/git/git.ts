import { isUtf8 } from 'node:buffer';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { OrchestratorError } from '../../core/model/error.ts';
import { gitEnvironment, type Identity, SETTINGS } from './environment.ts';
import { pathBytes, pathText } from './path-text.ts';

interface GitOptions {
  /** Undefined: the command can't be stopped once it has started. */
  readonly signal: AbortSignal | undefined;
  /** Folder to run in; the repository's own when left out. */
  readonly cwd?: string;
  /** Options before the subcommand. */
  readonly before?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly identity?: Identity;
  /** A text may have paths in it, see `pathText`. */
  readonly input?: string | Uint8Array;
  /** Exit codes besides 0 that are an answer, not an error. */
  readonly accept?: readonly number[];
}

export interface GitResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs one git command: the subcommand, then its arguments. Throws `git-failed`, `git-missing` or `cancelled`. */
export type Git = (args: readonly string[], options: GitOptions) => Promise<GitResult>;

/** What git says when another process holds a lock or is half way through making a worktree; all of it passes. */
const BUSY = /Unable to create '.*\.lock': File exists|failed to read .*worktrees.*commondir/s;
const WAITS_MS = [20, 40, 80, 160, 320];

/** A lock of one of the product's own refs. Only the repository's owner writes them, each within milliseconds. */
const OWN_LOCK = /Unable to create '(.*\/refs\/claude-orchestrator\/.*\.lock)': File exists/;
/** A lock of those that stays the same for so long was left by a git command that was killed, or by a power cut. */
const STALE_MS = 3_000;

/**
 * For a repository with files in LFS on a machine that has no git-lfs: its pointers are files like any other. Git would
 * fail otherwise where the person's settings require the filter.
 */
const WITHOUT_LFS = ['process=', 'clean=', 'smudge=', 'required=false'].flatMap((end) => ['-c', `filter.lfs.${end}`]);

function hasLfs({ PATH = '' }: NodeJS.ProcessEnv): boolean {
  const names = process.platform === 'win32' ? ['git-lfs.exe'] : ['git-lfs'];
  return PATH.split(delimiter).some((folder) => names.some((name) => existsSync(join(folder, name))));
}

/** Git in `folder`; `environment` is the parent's, of which only an allow-list is passed on. */
export function gitIn(folder: string, environment: NodeJS.ProcessEnv): Git {
  const extra = hasLfs(environment) ? [] : WITHOUT_LFS;
  return async (args, given) => {
    const options = { ...given, before: [...extra, ...(given.before ?? [])] };
    const cwd = options.cwd ?? folder;
    for (let attempt = 0; ; attempt += 1) {
      const result = await runOnce(args, cwd, environment, options);
      if (result.code === 0) return result;
      const wait = WAITS_MS[attempt];
      if (wait !== undefined && BUSY.test(result.stderr)) {
        await delay(wait);
        continue;
      }
      if (attempt === WAITS_MS.length && (await removeStaleLock(result.stderr))) continue;
      if (options.accept?.includes(result.code)) return result;
      throw failed(args, cwd, result);
    }
  };
}

/** Removes the lock that git complains about if nobody holds it any more; false where that can't be told. */
async function removeStaleLock(stderr: string): Promise<boolean> {
  const lock = OWN_LOCK.exec(stderr)?.[1];
  if (lock === undefined) return false;
  const before = await stat(lock).catch(() => undefined);
  await delay(STALE_MS);
  const after = await stat(lock).catch(() => undefined);
  if (after && (after.ino !== before?.ino || after.mtimeMs !== before.mtimeMs)) return false;
  await rm(lock, { force: true });
  return true;
}

/** Output of one line, without its line end. */
export function line(result: GitResult): string {
  return result.stdout.toString('utf8').replace(/\r?\n$/, '');
}

/** Output of `-z` commands: the fields between the NULs, as `pathText` has them. */
export function fields(output: Buffer): string[] {
  // One character a byte for the moment, where some are not UTF-8.
  const isText = isUtf8(output);
  const parts = output.toString(isText ? 'utf8' : 'latin1').split('\0');
  if (parts.at(-1) === '') parts.pop();
  return isText ? parts : parts.map((part) => pathText(Buffer.from(part, 'latin1')));
}

/** The lines of git's complaint that are worth showing. */
export function complaint(stderr: string): string {
  const lines = stderr.split('\n').filter((text) => text.trim() !== '' && !/^(hint|warning):/.test(text));
  const text = lines.slice(0, 8).join('\n');
  // What is named can be as long as that, and the reason comes after it.
  return text.length <= 2_000 ? text : `${text.slice(0, 1_000)} … ${text.slice(-900)}`;
}

function failed(args: readonly string[], cwd: string, result: GitResult): OrchestratorError {
  const what = complaint(result.stderr) || `it ended with code ${result.code} and said nothing`;
  const lock = /Unable to create '(.*\.lock)'/.exec(result.stderr)?.[1];
  return new OrchestratorError(
    'git-failed',
    `git ${args[0]} failed in ${cwd}: ${what}`,
    lock ? { fix: `If no git command is running there, remove ${lock}.` } : {},
  );
}

function runOnce(
  args: readonly string[],
  cwd: string,
  environment: NodeJS.ProcessEnv,
  options: GitOptions,
): Promise<GitResult> {
  const { signal, input } = options;
  return new Promise((resolve, reject) => {
    const cancelled = () => new OrchestratorError('cancelled', `git ${args[0]} was stopped.`);
    if (signal?.aborted) return reject(cancelled());
    const child = spawn('git', [...SETTINGS, ...(options.before ?? []), ...args], {
      cwd,
      env: { ...gitEnvironment(environment, options.identity), ...options.env },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    const stop = () => child.kill('SIGTERM');
    signal?.addEventListener('abort', stop, { once: true });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
    // A command that ends before it has read everything says why on stderr.
    child.stdin?.on('error', () => {});
    child.stdin?.end(typeof input === 'string' ? pathBytes(input) : input);
    child.on('error', (cause: NodeJS.ErrnoException) => {
      signal?.removeEventListener('abort', stop);
      reject(notStarted(args, cwd, cause));
    });
    child.on('close', (code) => {
      signal?.removeEventListener('abort', stop);
      if (signal?.aborted) return reject(cancelled());
      resolve({ code: code ?? -1, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString('utf8') });
    });
  });
}

function notStarted(args: readonly string[], cwd: string, cause: NodeJS.ErrnoException): OrchestratorError {
  // A missing folder and a missing program are the same error to the system.
  if (cause.code === 'ENOENT' && existsSync(cwd)) {
    const fix = 'Install git 2.38 or newer, or put it on the PATH.';
    return new OrchestratorError('git-missing', 'The program git was not found.', { fix, cause });
  }
  const reason = cause.code === 'ENOENT' ? 'that folder does not exist' : cause.message;
  return new OrchestratorError('git-failed', `git ${args[0]} could not be started in ${cwd}: ${reason}`, { cause });
}
