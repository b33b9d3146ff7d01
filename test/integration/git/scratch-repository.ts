import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import type { Repository } from '../../../src/core/ports/repository.ts';
import type { Slots } from '../../../src/core/ports/slots.ts';
import { pooledRepository } from '../../../src/core/worktrees/pooled-repository.ts';
import { openRepository } from '../../../src/node/git/repository.ts';

const run = promisify(execFile);

/** A signal that never aborts. */
export const NEVER: AbortSignal = new AbortController().signal;

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

export interface ScratchOptions {
  /** Name of the repository's folder. */
  readonly name?: string;
  /** Files of the first commit; a file `a.txt` when left out, no commit at all when null. */
  readonly files?: Readonly<Record<string, string | Uint8Array>> | null;
  /** Content of the person's global git configuration. */
  readonly globalConfig?: string;
  /** The caller removes it, for a repository that several tests share. */
  readonly keep?: boolean;
}

/** A real repository on branch `main` in a temporary folder, with an environment that knows nothing of the machine. */
export interface ScratchRepository {
  readonly root: string;
  readonly worktreesDir: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Runs git as the person would, and returns what it prints without the last line end. */
  git(...args: readonly string[]): Promise<string>;
  write(path: string, content: string | Uint8Array): Promise<void>;
  read(path: string): Promise<string>;
  /** Commits everything as the person and returns the commit. */
  commit(message?: string): Promise<string>;
  /** Installs a hook under every name git knows; if one runs, `canary()` is true. */
  trapHooks(): Promise<void>;
  canary(): Promise<boolean>;
  open(): Promise<Repository>;
  slots(): ReturnType<Slots['list']>;
  remove(): Promise<void>;
}

const HOOKS = [
  'post-checkout',
  'post-merge',
  'pre-merge-commit',
  'pre-commit',
  'commit-msg',
  'prepare-commit-msg',
].concat(['post-commit', 'reference-transaction', 'post-index-change', 'post-rewrite', 'fsmonitor-watchman']);

/** Makes a repository; it is removed when the test ends. Outside a test pass `keep`. */
export async function scratchRepository(options: ScratchOptions = {}): Promise<ScratchRepository> {
  const top = await realpath(await mkdtemp(join(tmpdir(), 'scratch-repository-')));
  const remove = () => rm(top, { recursive: true, force: true, maxRetries: 3 });
  if (!options.keep) onTestFinished(remove);
  const root = join(top, options.name ?? 'project');
  const worktreesDir = join(top, 'state', 'worktrees');
  const home = join(top, 'home');
  await mkdir(root);
  await mkdir(home);
  const config = '[user]\nname = The Person\nemail = person@example.org\n[init]\ndefaultBranch = main\n';
  await writeFile(join(home, '.gitconfig'), `${config}${options.globalConfig ?? ''}`);
  const { PATH } = process.env;
  const environment = { PATH, HOME: home, GIT_CONFIG_GLOBAL: join(home, '.gitconfig'), GIT_CONFIG_SYSTEM: '/dev/null' };

  const git = async (...args: readonly string[]) => {
    const { stdout } = await run('git', args, { cwd: root, env: environment, maxBuffer: 1 << 28 });
    return stdout.replace(/\n$/, '');
  };
  const write = async (path: string, content: string | Uint8Array) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  };
  const commit = async (message = 'change') => {
    await git('add', '-A');
    await git('-c', 'commit.gpgSign=false', 'commit', '--quiet', '--no-verify', '-m', message);
    return git('rev-parse', 'HEAD');
  };
  const canaryFile = join(top, 'canary');
  const trapHooks = async () => {
    await mkdir(join(root, '.git', 'hooks'), { recursive: true });
    for (const name of HOOKS) {
      const hook = join(root, '.git', 'hooks', name);
      await writeFile(hook, `#!/bin/sh\necho ${name} >> '${canaryFile}'\n`);
      await chmod(hook, 0o755);
    }
  };
  const exists = (path: string) =>
    readFile(path).then(
      () => true,
      () => false,
    );

  await git('init', '--quiet', '--initial-branch=main');
  if (options.files !== null) {
    for (const [path, content] of Object.entries(options.files ?? { 'a.txt': 'a\n' })) await write(path, content);
    await commit('first');
  }
  return {
    root,
    worktreesDir,
    environment,
    git,
    write,
    read: (path) => readFile(join(root, path), 'utf8'),
    commit,
    trapHooks,
    canary: () => exists(canaryFile),
    slots: async () => (await openRepository(root, { worktreesDir, signal: NEVER, environment })).slots.list(),
    open: async () =>
      pooledRepository(await openRepository(root, { worktreesDir, signal: NEVER, environment }), SILENT),
    remove,
  };
}
