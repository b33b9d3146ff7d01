import type { Identity } from './environment.ts';
import { line } from './git.ts';
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
