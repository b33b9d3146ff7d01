import { OrchestratorError } from '../../core/model/error.ts';
import { type Identity, ORCHESTRATOR } from './environment.ts';
import { type Git, line } from './git.ts';
import type { Place } from './place.ts';
import type { Stored } from './store.ts';

interface CommitContent {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  /** The orchestrator's own when left out. */
  readonly identity?: Identity;
}

/** A commit object of the orchestrator's own. */
function putCommit(place: Place, { tree, parents, message }: CommitContent): Stored {
  const { name, email } = ORCHESTRATOR;
  const who = `${name} <${email}> ${Math.floor(Date.now() / 1000)} ${timeZone()}`;
  const header = [
    `tree ${tree}`,
    ...parents.map((parent) => `parent ${parent}`),
    `author ${who}`,
    `committer ${who}`,
  ].join('\n');
  // Where git would find the end of a message.
  const text = message.replaceAll('\0', ' ');
  return place.store.put('commit', Buffer.from(`${header}\n\n${text}`, 'utf8'), tree);
}

/** As git writes it: hours and minutes east of Greenwich. */
function timeZone(): string {
  const minutes = -new Date().getTimezoneOffset();
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}${String(rest).padStart(2, '0')}`;
}

/** Writes a commit object; no ref points at it yet. Resolves when it, and what of it was `begun` before, is on disk. */
export async function writeCommit(
  place: Place,
  content: CommitContent,
  signal: AbortSignal,
  begun: readonly Stored[] = [],
): Promise<string> {
  if (signal.aborted) throw new OrchestratorError('cancelled', 'Writing a commit was stopped.');
  if (content.identity === undefined) {
    const commit = putCommit(place, content);
    await Promise.all([commit, ...begun].map(({ stored }) => stored));
    return commit.id;
  }
  await Promise.all(begun.map(({ stored }) => stored));
  const parents = content.parents.flatMap((parent) => ['-p', parent]);
  const { identity, message } = content;
  const result = await place.git(['commit-tree', content.tree, ...parents, '-F', '-'], {
    signal,
    input: message,
    identity,
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
