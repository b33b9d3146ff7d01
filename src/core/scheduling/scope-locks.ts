import { beginnings, scopesOverlap } from '../model/scope.ts';

type Scope = readonly string[];

/**
 * Which files are taken by what is in work. Finding who is in the way takes about as long as paths are deep, however
 * much is in work.
 */
export class ScopeLocks {
  readonly #taken = new Map<number, Scope>();
  /** Path → those with a pattern that begins right there, and those with one somewhere below. */
  readonly #at = new Map<string, Set<number>>();
  readonly #below = new Map<string, Set<number>>();

  take(node: number, scope: Scope): void {
    this.#taken.set(node, scope);
    for (const path of beginnings(scope)) {
      add(this.#at, path, node);
      for (const folder of foldersOf(path)) add(this.#below, folder, node);
    }
  }

  release(node: number): void {
    const scope = this.#taken.get(node);
    if (!scope) return;
    this.#taken.delete(node);
    for (const path of beginnings(scope)) {
      remove(this.#at, path, node);
      for (const folder of foldersOf(path)) remove(this.#below, folder, node);
    }
  }

  /** One that has taken files of this scope; undefined when all of them are free. */
  blocker(scope: Scope): number | undefined {
    for (const node of this.suspects(scope)) if (this.overlaps(node, scope)) return node;
    return undefined;
  }

  /** Those in whose way a scope may be, as far as folders tell; perhaps more than once. */
  *suspects(scope: Scope): Iterable<number> {
    if (this.#taken.size === 0) return;
    for (const path of beginnings(scope)) {
      for (const place of [path, ...foldersOf(path)]) yield* this.#at.get(place) ?? [];
      yield* this.#below.get(path) ?? [];
    }
  }

  overlaps(node: number, scope: Scope): boolean {
    const taken = this.#taken.get(node);
    return taken !== undefined && scopesOverlap(taken, scope);
  }
}

/** Every folder that a path lies in, the repository last; none for the repository itself. */
function foldersOf(path: string): string[] {
  const found: string[] = [];
  for (let end = path.lastIndexOf('/'); end >= 0; end = path.lastIndexOf('/', end - 1)) found.push(path.slice(0, end));
  return path === '' ? found : [...found, ''];
}

function add(map: Map<string, Set<number>>, path: string, node: number): void {
  const nodes = map.get(path);
  if (nodes) nodes.add(node);
  else map.set(path, new Set([node]));
}

function remove(map: Map<string, Set<number>>, path: string, node: number): void {
  const nodes = map.get(path);
  nodes?.delete(node);
  if (nodes?.size === 0) map.delete(path);
}
