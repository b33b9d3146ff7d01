import type { GitObjects } from './objects.ts';

interface Known {
  readonly parents: readonly string[];
  /** Seconds. */
  readonly committedAt: number;
}

/** Commits looked at for one question; beyond that git itself is faster. */
const MOST = 2_000;

/** How the commits of a run follow from each other, each read once. */
export class GitHistory {
  readonly #objects: GitObjects;
  readonly #known = new Map<string, Known>();

  constructor(objects: GitObjects) {
    this.#objects = objects;
  }

  /**
   * The one best common ancestor of two commits where `theirs` has a single parent and that one is an ancestor of `ours`
   * not far away: nearly every merge of a run. undefined: only git can tell.
   */
  async mergeBase(ours: string, theirs: string, signal: AbortSignal): Promise<string | undefined> {
    if (ours === theirs) return ours;
    const [parent, ...others] = (await this.#read(theirs, signal))?.parents ?? [];
    const oldest = parent === undefined ? undefined : await this.#read(parent, signal);
    if (parent === undefined || others.length > 0 || !oldest) return undefined;
    const seen = new Set([ours]);
    for (const commit of seen) {
      if (commit === theirs) return theirs;
      if (commit === parent) continue;
      const known = await this.#read(commit, signal);
      if (!known || seen.size > MOST) return undefined;
      // What is older has neither of them behind it.
      if (known.committedAt >= oldest.committedAt) for (const before of known.parents) seen.add(before);
    }
    return seen.has(parent) ? parent : undefined;
  }

  async #read(commit: string, signal: AbortSignal): Promise<Known | undefined> {
    const kept = this.#known.get(commit);
    if (kept) return kept;
    const found = await this.#objects.read(commit, signal);
    if (found?.type !== 'commit') return undefined;
    const text = found.content.toString('latin1');
    const header = text.slice(0, text.indexOf('\n\n')).split('\n');
    const parents = header.flatMap((field) => (field.startsWith('parent ') ? [field.slice(7)] : []));
    const committer = header.find((field) => field.startsWith('committer '));
    const known = { parents, committedAt: Number(/ (\d+) [+-]\d{4}$/.exec(committer ?? '')?.[1] ?? 0) };
    this.#known.set(commit, known);
    return known;
  }
}
