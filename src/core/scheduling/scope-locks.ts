import { beginnings, scopesOverlap } from '../model/scope.ts';

/** A scope, and where in the repository its files lie; made once for each that is asked for often. */
export interface Area {
  readonly scope: readonly string[];
  /** What a pattern's files lie under, see `beginnings`. */
  readonly paths: readonly string[];
}

export function areaOf(scope: readonly string[]): Area {
  return { scope, paths: beginnings(scope) };
}

/**
 * Which files are taken by what is in work. Finding who is in the way takes about as long as paths are deep, however
 * much is in work.
 */
export class ScopeLocks {
  readonly #taken = new Map<number, Area>();
  /** Path → those with a pattern that begins right there, and those with one somewhere below; all are below ''. */
  readonly #at = new Map<string, Nodes>();
  readonly #below = new Map<string, Nodes>();

  take(node: number, area: Area): void {
    this.#taken.set(node, area);
    for (const path of area.paths) {
      add(this.#at, path, node);
      for (let folder = folderOf(path); folder !== ''; folder = folderOf(folder)) add(this.#below, folder, node);
    }
  }

  release(node: number): void {
    const area = this.#taken.get(node);
    if (!area) return;
    this.#taken.delete(node);
    for (const path of area.paths) {
      remove(this.#at, path, node);
      for (let folder = folderOf(path); folder !== ''; folder = folderOf(folder)) remove(this.#below, folder, node);
    }
  }

  /** One that has taken files of this area; undefined when all of them are free. */
  blocker(area: Area): number | undefined {
    if (this.#taken.size === 0) return undefined;
    return this.#find(area, (node) => this.overlaps(node, area));
  }

  /** Those in whose way an area may be, as far as folders tell; perhaps more than once. */
  suspects(area: Area): readonly number[] {
    const found: number[] = [];
    this.#find(area, (node) => {
      found.push(node);
      return false;
    });
    return found;
  }

  overlaps(node: number, { scope }: Area): boolean {
    const taken = this.#taken.get(node);
    return taken !== undefined && scopesOverlap(taken.scope, scope);
  }

  /** The first node that is wanted of those at, above and below what an area lies under. */
  #find({ paths }: Area, isWanted: (node: number) => boolean): number | undefined {
    for (const path of paths) {
      let found = first(this.#at.get(path), isWanted);
      for (let place = path; found === undefined && place !== ''; ) {
        place = folderOf(place);
        found = first(this.#at.get(place), isWanted);
      }
      found ??= first(path === '' ? this.#taken.keys() : this.#below.get(path), isWanted);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

/** One, as at most places, or several. */
type Nodes = number | Set<number>;

/** The folder that a path lies in; '' is the repository, which lies in itself. */
function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}

function first(nodes: number | Iterable<number> | undefined, isWanted: (node: number) => boolean): number | undefined {
  if (nodes === undefined) return undefined;
  if (typeof nodes === 'number') return isWanted(nodes) ? nodes : undefined;
  for (const node of nodes) if (isWanted(node)) return node;
  return undefined;
}

function add(map: Map<string, Nodes>, path: string, node: number): void {
  const nodes = map.get(path);
  if (nodes === undefined) map.set(path, node);
  else if (typeof nodes === 'object') nodes.add(node);
  else if (nodes !== node) map.set(path, new Set([nodes, node]));
}

function remove(map: Map<string, Nodes>, path: string, node: number): void {
  const nodes = map.get(path);
  if (typeof nodes === 'object') nodes.delete(node);
  if (nodes === node || (typeof nodes === 'object' && nodes.size === 0)) map.delete(path);
}
