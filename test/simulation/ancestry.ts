import type { Content, Work } from './git-content.ts';

/** Which commits come from which, and with that which of two works is the later one. */
export class Ancestry {
  readonly #parents = new Map<string, readonly string[]>();
  readonly #contentOf: (commit: string) => Content;

  constructor(contentOf: (commit: string) => Content) {
    this.#contentOf = contentOf;
  }

  add(commit: string, parents: readonly string[]): void {
    this.#parents.set(commit, parents);
  }

  /** The commit itself and all that it comes from, the nearest first. */
  *of(commit: string): Iterable<string> {
    const seen = new Set([commit]);
    for (const one of seen) {
      yield one;
      for (const parent of this.#parents.get(one) ?? []) seen.add(parent);
    }
  }

  contains(commit: string, other: string): boolean {
    for (const one of this.of(commit)) if (one === other) return true;
    return false;
  }

  /** Merges by name, as git does by file: of two works the later one is taken; where neither is, they conflict. */
  merge(ours: string, theirs: string): { readonly held: Map<string, Work>; readonly conflicts: readonly string[] } {
    const held = new Map(this.#contentOf(ours));
    const conflicts: string[] = [];
    for (const [name, work] of this.#contentOf(theirs)) {
      const own = held.get(name);
      if (own?.stamp === work.stamp || (own && this.#knows(ours, name, work))) continue;
      if (own && !this.#knows(theirs, name, own)) conflicts.push(`${name}.js`);
      held.set(name, work);
    }
    return { held, conflicts };
  }

  #knows(commit: string, name: string, { stamp }: Work): boolean {
    for (const one of this.of(commit)) if (this.#contentOf(one).get(name)?.stamp === stamp) return true;
    return false;
  }
}
