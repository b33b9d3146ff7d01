import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';

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

/** Folder of one attempt's files. */
export const attemptFolder = (paths: StatePaths, run: string, attempt: string): string =>
  join(paths.runs, run, 'attempts', attempt);

/** Makes a folder and those above it, readable by its owner only. */
export function makePrivateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
}
