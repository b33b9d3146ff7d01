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
    const { paths, folders } = placesOf(scope);
    for (const path of paths) add(this.#at, path, node);
    for (const folder of folders) add(this.#below, folder, node);
  }

  release(node: number): void {
    const scope = this.#taken.get(node);
    if (!scope) return;
    this.#taken.delete(node);
    const { paths, folders } = placesOf(scope);
    for (const path of paths) remove(this.#at, path, node);
    for (const folder of folders) remove(this.#below, folder, node);
  }

  /** One that has taken files of this scope; undefined when all of them are free. */
  blocker(scope: Scope): number | undefined {
    for (const node of this.suspects(scope)) if (this.overlaps(node, scope)) return node;
    return undefined;
  }

  /** Those in whose way a scope may be, as far as folders tell; perhaps more than once. */
  suspects(scope: Scope): readonly number[] {
    const found: number[] = [];
    if (this.#taken.size === 0) return found;
    const { paths, folders } = placesOf(scope);
    for (const place of paths) collect(this.#at, place, found);
    for (const place of folders) collect(this.#at, place, found);
    for (const place of paths) collect(this.#below, place, found);
    return found;
  }

  overlaps(node: number, scope: Scope): boolean {
    const taken = this.#taken.get(node);
    return taken !== undefined && scopesOverlap(taken, scope);
  }
}

interface Places {
  /** What a pattern's files lie under, see `beginnings`. */
  readonly paths: readonly string[];
  /** All folders that these lie in; the repository is ''. */
  readonly folders: readonly string[];
}

/** Each is asked for often. */
const PLACES = new WeakMap<Scope, Places>();

function placesOf(scope: Scope): Places {
  const known = PLACES.get(scope);
  if (known) return known;
  const paths = beginnings(scope);
  const found: Places = { paths, folders: [...new Set(paths.flatMap(foldersOf))] };
  PLACES.set(scope, found);
  return found;
}

/** Every folder that a path lies in, the repository last; none for the repository itself. */
function foldersOf(path: string): string[] {
  const found: string[] = [];
  for (let end = path.lastIndexOf('/'); end >= 0; end = path.lastIndexOf('/', end - 1)) found.push(path.slice(0, end));
  return path === '' ? found : [...found, ''];
}

function collect(map: ReadonlyMap<string, ReadonlySet<number>>, path: string, found: number[]): void {
  const nodes = map.get(path);
  if (nodes) for (const node of nodes) found.push(node);
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
