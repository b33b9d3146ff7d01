import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { explain, OrchestratorError } from '../../core/model/error.ts';
import { type ClaudeCli, locateClaude } from '../claude/locate.ts';
import { diskUse } from '../disk-use.ts';
import { findRepository } from '../git/locate.ts';
import { openRepository } from '../git/repository.ts';
import { statePaths } from '../state/paths.ts';

/** What `doctor` says about one thing. */
export interface Diagnosis {
  readonly check: string;
  readonly status: 'ok' | 'warning' | 'problem';
  readonly detail: string;
  /** What to do; only where something is wrong. */
  readonly fix?: string;
}

export interface CheckupOptions {
  readonly folder: string;
  readonly stateHome: string;
  readonly claude: string;
  readonly env: NodeJS.ProcessEnv;
  /** Gigabytes that everything kept for a repository may use. */
  readonly diskQuotaGb: number;
}

/** Below this a run may not fit on the disk: each worktree is a copy of the repository's files. */
const LOW_DISK_BYTES = 2 * 1024 ** 3;

const authSchema = z.object({ loggedIn: z.boolean() });

/** Looks at everything a run needs, without changing anything that stays. Never throws for what is wrong. */
export async function checkup(options: CheckupOptions, signal: AbortSignal): Promise<Diagnosis[]> {
  const [repository, claude, state] = await Promise.all([
    checkRepository(options, signal),
    checkClaude(options, signal),
    checkState(options.stateHome),
  ]);
  return [...repository, ...claude, ...state, ...(await checkQuota(options, signal))];
}

/** git itself, the repository, and whether a worktree can be made and removed in it. */
async function checkRepository(options: CheckupOptions, signal: AbortSignal): Promise<Diagnosis[]> {
  const worktreesDir = join(options.stateHome, `doctor-${randomBytes(5).toString('hex')}`);
  try {
    const repository = await openRepository(options.folder, { worktreesDir, signal, environment: options.env });
    const head = await repository.head(signal);
    const dirty = await repository.dirtyPaths(signal);
    await repository.slots.make('doctor', head.commit, signal);
    await repository.slots.remove('doctor', signal);
    return [
      { check: 'git', status: 'ok', detail: await gitVersion(options.env, signal) },
      {
        check: 'repository',
        status: head.branch === null ? 'warning' : 'ok',
        detail: `${repository.root}, ${head.branch ?? 'no branch checked out'}${dirty.length > 0 ? `, ${dirty.length} uncommitted` : ''}`,
        ...(head.branch === null ? { fix: 'Check out a branch: a result is applied to one.' } : {}),
      },
      { check: 'worktrees', status: 'ok', detail: 'one was made and removed' },
    ];
  } catch (error) {
    return [problem('repository', error)];
  } finally {
    await rm(worktreesDir, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function checkClaude(options: CheckupOptions, signal: AbortSignal): Promise<Diagnosis[]> {
  let claude: ClaudeCli;
  try {
    claude = await locateClaude(options.claude, options.env, signal);
  } catch (error) {
    return [problem('claude', error)];
  }
  const found: Diagnosis = { check: 'claude', status: 'ok', detail: `${claude.version} at ${claude.path}` };
  const login = await checkLogin(claude, options.env, signal);
  return [found, login];
}

async function checkLogin(claude: ClaudeCli, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Diagnosis> {
  const { ELECTRON_RUN_AS_NODE: _, ...rest } = env;
  try {
    const stdout = await promisify(execFile)(claude.path, ['auth', 'status'], {
      env: rest,
      signal,
      timeout: 30_000,
    }).then(
      (result) => result.stdout,
      // It answers on stdout with exit code 1 when nobody is logged in.
      (error: { stdout?: string }) => error.stdout ?? '',
    );
    const { loggedIn } = authSchema.parse(JSON.parse(stdout));
    return loggedIn
      ? { check: 'login', status: 'ok', detail: 'logged in' }
      : {
          check: 'login',
          status: 'problem',
          detail: 'nobody is logged in to Claude',
          fix: 'Run "claude" once and log in.',
        };
  } catch {
    return {
      check: 'login',
      status: 'warning',
      detail: 'it could not be found out',
      fix: 'Run "claude auth status" by hand.',
    };
  }
}

async function checkState(stateHome: string): Promise<Diagnosis[]> {
  const probe = join(stateHome, `doctor-${randomBytes(5).toString('hex')}.probe`);
  const results: Diagnosis[] = [];
  try {
    await mkdir(stateHome, { recursive: true, mode: 0o700 });
    await writeFile(probe, 'probe');
    results.push({ check: 'state folder', status: 'ok', detail: stateHome });
  } catch (error) {
    results.push({
      check: 'state folder',
      status: 'problem',
      detail: `${stateHome} can not be written: ${error instanceof Error ? error.message : String(error)}`,
      fix: 'Make it writable, or name another one in the settings.',
    });
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
  }
  results.push(await checkDisk(stateHome));
  return results;
}

async function checkDisk(stateHome: string): Promise<Diagnosis> {
  let folder = stateHome;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const detail = `${(free / 1024 ** 3).toFixed(1)} GiB free`;
  return free < LOW_DISK_BYTES
    ? { check: 'disk', status: 'warning', detail, fix: 'Free some space: every worker has a copy of the repository.' }
    : { check: 'disk', status: 'ok', detail };
}

/** What is kept for this repository; nothing where there is none. */
async function checkQuota({ folder, stateHome, env, diskQuotaGb }: CheckupOptions, signal: AbortSignal) {
  const found = await findRepository(folder, { signal, environment: env }).catch(() => undefined);
  if (!found) return [];
  const { root } = statePaths(stateHome, found.commonDir);
  const used = (await diskUse(root, signal)) / 1e9;
  const detail = `${used.toFixed(1)} of ${diskQuotaGb} GB are used for this repository, in ${root}`;
  const diagnosis: Diagnosis =
    used <= diskQuotaGb
      ? { check: 'disk quota', status: 'ok', detail }
      : {
          check: 'disk quota',
          status: 'problem',
          detail: `${detail}; no worktree is made`,
          fix: 'Discard runs that you do not need, clean up, or allow more in the setting claudeOrchestrator.diskQuotaGb.',
        };
  return [diagnosis];
}

async function gitVersion(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<string> {
  const { stdout } = await promisify(execFile)('git', ['version'], { env, signal });
  return stdout.trim();
}

function problem(check: string, error: unknown): Diagnosis {
  const detail = error instanceof Error ? error.message : String(error);
  const fix = error instanceof OrchestratorError ? error.fix : undefined;
  return {
    check: error instanceof OrchestratorError && error.code.startsWith('git-') ? 'git' : check,
    status: 'problem',
    detail: fix ? detail : explain(error),
    ...(fix ? { fix } : {}),
  };
}
