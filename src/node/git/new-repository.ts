import { personIdentity } from './commit.ts';
import { fields, gitIn, line } from './git.ts';
import { notARepository } from './locate.ts';

/** What a folder lacks before work can start from a commit of it. */
export type RepositoryLack =
  | { readonly lacks: 'nothing' }
  | { readonly lacks: 'repository' }
  /** `files`: what a first commit would hold, relative to `root`; ignored ones left out. */
  | { readonly lacks: 'commit'; readonly root: string; readonly files: readonly string[] };

/** Throws `not-a-repository` where a new repository would not help, and `git-missing`. */
export async function repositoryLack(
  folder: string,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<RepositoryLack> {
  const top = await gitIn(folder, environment)(['rev-parse', '--show-toplevel'], { signal, accept: [128] });
  if (top.code !== 0) {
    if (/not a git repository/.test(top.stderr)) return { lacks: 'repository' };
    throw notARepository(folder, top);
  }
  const root = line(top);
  const git = gitIn(root, environment);
  const head = await git(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], { signal, accept: [1] });
  if (head.code === 0) return { lacks: 'nothing' };
  const listed = await git(['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { signal });
  return { lacks: 'commit', root, files: [...new Set(fields(listed.stdout))] };
}

/** Makes a repository of a folder, as the person's git would. */
export async function initRepository(
  folder: string,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<void> {
  await gitIn(folder, environment)(['init', '--quiet'], { signal });
}

/** Commits every file that is not ignored as the person's first commit. Fails where there is a commit by now. */
export async function firstCommit(root: string, environment: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
  const git = gitIn(root, environment);
  const identity = await personIdentity(git, signal);
  await git(['add', '--all'], { signal });
  const tree = line(await git(['write-tree'], { signal }));
  const commit = line(await git(['commit-tree', tree, '-m', 'First commit'], { signal, identity }));
  // The empty old value: HEAD's branch must not exist.
  await git(['update-ref', '-m', 'commit (initial): First commit', 'HEAD', commit, ''], { signal, identity });
}
