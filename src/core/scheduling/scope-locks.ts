import { beginnings, scopesOverlap } from '../model/scope.ts';

/** A scope, and where in the repository its files lie; made once for each that is asked for often. */
export interface Area {
  readonly scope: readonly string[];
  /** What a pattern's files lie under, see `beginnings`. */
  readonly paths: readonly string[];
  /** All folders that these lie in; the repository is ''. */
  readonly folders: readonly string[];
}

export function areaOf(scope: readonly string[]): Area {
  const paths = beginnings(scope);
  const [only = ''] = paths;
  const folders = paths.length === 1 ? foldersOf(only) : [...new Set(paths.flatMap(foldersOf))];
  return { scope, paths, folders };
}

/**
 * Which files are taken by what is in work. Finding who is in the way takes about as long as paths are deep, however
 * much is in work.
 */
export class ScopeLocks {
  readonly #taken = new Map<number, Area>();
  /** Path → those with a pattern that begins right there, and those with one somewhere below. */
  readonly #at = new Map<string, Nodes>();
  readonly #below = new Map<string, Nodes>();

  take(node: number, area: Area): void {
    this.#taken.set(node, area);
    for (const path of area.paths) add(this.#at, path, node);
    for (const folder of area.folders) add(this.#below, folder, node);
  }

  release(node: number): void {
    const area = this.#taken.get(node);
    if (!area) return;
    this.#taken.delete(node);
    for (const path of area.paths) remove(this.#at, path, node);
    for (const folder of area.folders) remove(this.#below, folder, node);
  }

  /** One that has taken files of this area; undefined when all of them are free. */
  blocker(area: Area): number | undefined {
    if (this.#taken.size === 0) return undefined;
    return (
      this.#blockerAt(this.#at, area.paths, area) ??
      this.#blockerAt(this.#at, area.folders, area) ??
      this.#blockerAt(this.#below, area.paths, area)
    );
  }

  /** Those in whose way an area may be, as far as folders tell; perhaps more than once. */
  suspects({ paths, folders }: Area): readonly number[] {
    const found: number[] = [];
    if (this.#taken.size === 0) return found;
    for (const place of paths) collect(this.#at, place, found);
    for (const place of folders) collect(this.#at, place, found);
    for (const place of paths) collect(this.#below, place, found);
    return found;
  }

  overlaps(node: number, { scope }: Area): boolean {
    const taken = this.#taken.get(node);
    return taken !== undefined && scopesOverlap(taken.scope, scope);
  }

  #blockerAt(map: ReadonlyMap<string, Nodes>, places: readonly string[], area: Area): number | undefined {
    for (const place of places) {
      const nodes = map.get(place);
      if (nodes === undefined) continue;
      if (typeof nodes === 'number') {
        if (this.overlaps(nodes, area)) return nodes;
      } else for (const node of nodes) if (this.overlaps(node, area)) return node;
    }
    return undefined;
  }
}

/** One, as at most places, or several. */
type Nodes = number | Set<number>;

/**
 * Every folder that a path lies in, the repository last; none for the repository itself. There are many such lists, and
 * one that is pushed or spread into keeps room for many.
 */
function foldersOf(path: string): readonly string[] {
  if (path === '') return [];
  const folder = path.slice(0, Math.max(path.lastIndexOf('/'), 0));
  return [folder].concat(foldersOf(folder));
}

function collect(map: ReadonlyMap<string, Nodes>, path: string, found: number[]): void {
  const nodes = map.get(path);
  if (typeof nodes === 'number') found.push(nodes);
  else if (nodes) for (const node of nodes) found.push(node);
}

function add(map: Map<string, Nodes>, path: string, node: number): void {
  const nodes = map.get(path);
  if (nodes === undefined) map.set(path, node);
  else if (typeof nodes === 'number') map.set(path, new Set([nodes, node]));
  else nodes.add(node);
}

function remove(map: Map<string, Nodes>, path: string, node: number): void {
  const nodes = map.get(path);
  if (typeof nodes === 'object') nodes.delete(node);
  if (nodes === node || (typeof nodes === 'object' && nodes.size === 0)) map.delete(path);
}
