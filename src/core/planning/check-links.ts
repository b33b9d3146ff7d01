import type { Plan } from '../model/plan.ts';
import { linkLeadsOut, tidyPath } from '../model/relative-path.ts';
import type { Repository, TreeEntry } from '../ports/repository.ts';

/**
 * What is wrong with the paths of a plan that go through a symbolic link which is in the commit the run starts from, each
 * line naming the subtask and the field: files behind a link lie somewhere else, outside of the repository or in folders
 * that the plan does not name. A link that is named itself, and leads to a place inside, is a file like any other.
 */
export async function linkProblems(
  plan: Plan,
  repository: Repository,
  commit: string,
  signal: AbortSignal,
): Promise<string[]> {
  const named = plan.subtasks.flatMap(({ id, scope, produces }) => [
    ...scope.map((path) => ({ place: `subtask "${id}", scope`, path, prefixes: prefixes(path) })),
    ...produces.map((path) => ({ place: `subtask "${id}", produces`, path, prefixes: prefixes(path) })),
  ]);
  const asked = [...new Set(named.flatMap((one) => one.prefixes))];
  if (asked.length === 0) return [];
  const entries = await repository.entries(commit, asked, signal);
  return named.flatMap(({ place, path, prefixes: own }) => {
    const link = own.find((prefix) => entries.get(prefix)?.kind === 'link');
    if (link === undefined) return [];
    const reason = problem(path, link, entries.get(link));
    return reason === undefined ? [] : [`${place}: "${path}" ${reason}`];
  });
}

function problem(path: string, link: string, entry: TreeEntry | undefined): string | undefined {
  const target = entry?.target ?? '';
  if (linkLeadsOut(link, target)) return `leaves the repository through the link "${link}", which leads to "${target}"`;
  if (link === tidyPath(path)) return undefined;
  return `goes through the link "${link}"; name the files where they are, in "${target}"`;
}

/** `a`, `a/b`, `a/b/c.js`, up to the first part that is a pattern. */
function prefixes(path: string): string[] {
  const parts = tidyPath(path).split('/');
  const pattern = parts.findIndex((part) => /[*?[\]{}()!]/.test(part));
  const plain = pattern === -1 ? parts : parts.slice(0, pattern);
  return plain.map((_, index) => plain.slice(0, index + 1).join('/')).filter((prefix) => prefix !== '');
}
