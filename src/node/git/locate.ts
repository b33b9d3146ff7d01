import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { OrchestratorError } from '../../core/model/error.ts';
import { complaint, type Git, type GitResult, gitIn, line } from './git.ts';

export interface RepositoryLocation {
  /** Top folder of the working tree, real path. */
  readonly root: string;
  /** The folder all worktrees of the repository share, real path: it identifies the repository. */
  readonly commonDir: string;
}

/**
 * Finds the working tree a folder is in; costs two short git commands. Throws `not-a-repository` (also for bare
 * repositories and folders that don't exist) or `git-missing`.
 */
export async function findRepository(
  folder: string,
  options: { readonly signal?: AbortSignal; readonly environment?: NodeJS.ProcessEnv } = {},
): Promise<RepositoryLocation> {
  const place = await realpath(folder).catch((cause: unknown) => {
    throw new OrchestratorError('not-a-repository', `The folder ${folder} does not exist.`, { cause });
  });
  const git = gitIn(place, options.environment ?? process.env);
  const ask = { signal: options.signal, accept: [128] };
  // One question a command: a path may contain line ends.
  const [top, common] = await Promise.all([
    git(['rev-parse', '--show-toplevel'], ask),
    git(['rev-parse', '--git-common-dir'], ask),
  ]);
  if (top.code !== 0 || common.code !== 0) throw notARepository(folder, top.code !== 0 ? top : common);
  return { root: await realpath(line(top)), commonDir: await realpath(resolve(place, line(common))) };
}

/** Throws `git-too-old` unless git can merge without a working tree. */
export async function requireVersion(git: Git, signal: AbortSignal): Promise<void> {
  const text = line(await git(['version'], { signal }));
  if (isNewEnough(text)) return;
  throw new OrchestratorError('git-too-old', `git 2.38 or newer is needed, this is "${text}".`, {
    fix: 'Install a newer git and start again.',
  });
}

/** Reads the answer of `git version`; merge-tree --write-tree came with 2.38. */
export function isNewEnough(version: string): boolean {
  const match = /(\d+)\.(\d+)/.exec(version);
  if (!match) return false;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major > 2 || (major === 2 && minor >= 38);
}

/** Throws `no-commits` in a repository nothing was committed to. */
export async function requireCommit(git: Git, root: string, signal: AbortSignal): Promise<void> {
  const head = await git(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], { signal, accept: [1] });
  if (head.code === 0) return;
  throw new OrchestratorError('no-commits', `The repository ${root} has no commit yet.`, {
    fix: 'Make a first commit there: git add -A && git commit -m "First commit". Work starts from the last commit.',
  });
}

export function notARepository(folder: string, result: GitResult): OrchestratorError {
  if (/not a git repository/.test(result.stderr)) {
    return new OrchestratorError('not-a-repository', `The folder ${folder} is not in a git repository.`, {
      fix: 'Open a folder of a repository, or make one there: git init && git add -A && git commit -m "First commit".',
    });
  }
  const fix = 'Open a folder that git can use as a working tree.';
  return new OrchestratorError('not-a-repository', `git can't work in ${folder}: ${complaint(result.stderr)}.`, {
    fix,
  });
}
