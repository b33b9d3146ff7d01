import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { OrchestratorError } from '../../core/model/error.ts';

/** Where the state of one repository lives. Subfolders, linked worktrees, windows and the command line all meet here. */
export interface StatePaths {
  readonly root: string;
  readonly locks: string;
  readonly runs: string;
  readonly worktrees: string;
  readonly supervisors: string;
}

/** The person's state folder: a setting, else what the system prescribes. `env` is the environment to look it up in. */
export function stateHome(env: NodeJS.ProcessEnv, setting = ''): string {
  if (setting !== '') return setting;
  const home = env['HOME'] || homedir();
  if (process.platform === 'win32')
    return join(env['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'claude-orchestrator');
  if (process.platform === 'darwin') return join(home, 'Library', 'Application Support', 'claude-orchestrator');
  return join(env['XDG_STATE_HOME'] || join(home, '.local', 'state'), 'claude-orchestrator');
}

/**
 * Paths of a repository's state, keyed by its git common directory (a real path), which all its worktrees share.
 * Makes nothing.
 */
export function statePaths(home: string, gitCommonDir: string): StatePaths {
  const folder = basename(gitCommonDir) === '.git' ? basename(dirname(gitCommonDir)) : basename(gitCommonDir);
  const name = folder.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 40);
  const root = join(home, `${name}-${createHash('sha256').update(gitCommonDir).digest('hex').slice(0, 12)}`);
  return {
    root,
    locks: join(root, 'lock'),
    runs: join(root, 'runs'),
    worktrees: join(root, 'worktrees'),
    supervisors: join(root, 'bin'),
  };
}

/** Folder of one run's journal. */
export const journalFolder = (paths: StatePaths, run: string): string => join(paths.runs, run, 'journal');

/** What is asked of a run while it goes on, one request a line. */
export const controlFile = (paths: StatePaths, run: string): string => join(paths.runs, run, 'control.ndjson');

/** Folder of one attempt's files. */
export const attemptFolder = (paths: StatePaths, run: string, attempt: string): string =>
  join(paths.runs, run, 'attempts', attempt);

/** Folder of a run's archived sessions. */
export const sessionsFolder = (paths: StatePaths, run: string): string => join(paths.runs, run, 'sessions');

/** Makes a folder and those above it, readable by its owner only. Throws `state-unwritable` where that can't be done. */
export function makePrivateFolder(path: string): void {
  writingState(path, () => mkdirSync(path, { recursive: true, mode: 0o700 }));
}

/** Does something that writes to the state folder; what the system says against it becomes `state-unwritable`. */
export function writingState<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

/** What the system says against writing to the state folder as `state-unwritable`; anything else as it is. */
export function unwritable(path: string, cause: unknown): unknown {
  return cause instanceof Error && 'syscall' in cause
    ? new OrchestratorError('state-unwritable', `The state folder ${path} can not be written: ${cause.message}.`, {
        cause,
        fix: 'Make room or make it writable, or name another folder (the setting claudeOrchestrator.stateFolder, on the command line CLAUDE_ORCHESTRATOR_STATE_HOME).',
      })
    : cause;
}
