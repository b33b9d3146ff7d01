import { type Identity, ORCHESTRATOR } from './environment.ts';
import { type Git, line } from './git.ts';
import type { Place } from './place.ts';

interface CommitContent {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  /** The orchestrator's own when left out. */
  readonly identity?: Identity;
}

/** Writes a commit object; no ref points at it yet. */
export async function writeCommit(place: Place, content: CommitContent, signal: AbortSignal): Promise<string> {
  const parents = content.parents.flatMap((parent) => ['-p', parent]);
  const { identity, message } = content;
  const result = await place.git(['commit-tree', content.tree, ...parents, '-F', '-'], {
    signal,
    input: message,
    ...(identity ? { identity } : {}),
  });
  return line(result);
}

/** Who the person is to git in a repository; the orchestrator where they have not told git. */
export async function personIdentity(git: Git, signal: AbortSignal): Promise<Identity> {
  const [name, email] = await Promise.all(
    ['user.name', 'user.email'].map(async (key) => line(await git(['config', '--get', key], { signal, accept: [1] }))),
  );
  return name && email ? { name, email } : ORCHESTRATOR;
}
