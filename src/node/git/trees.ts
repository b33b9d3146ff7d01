import { OrchestratorError } from '../../core/model/error.ts';
import type { GitObjects } from './objects.ts';
import { pathBytes, pathText } from './path-text.ts';
import type { ObjectStore, Stored } from './store.ts';

/** An entry of a tree object. */
export interface Entry {
  /** As in the tree, byte by byte. */
  readonly name: string;
  /** `40000` a folder, `120000` a link, `160000` a submodule, else a file. */
  readonly mode: string;
  readonly id: string;
}

/** What differs at a path; a mode is empty where nothing is. */
export interface Difference {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

export const LINK = '120000';
export const SUBMODULE = '160000';
export const FOLDER = '40000';

/** Trees that are kept, by their ids: a run looks at nearly the same ones again and again. */
const KEPT_TREES = 1_000;

/** Tree objects, each read once as long as it is kept. */
export class GitTrees {
  readonly #objects: GitObjects;
  readonly #store: ObjectStore;
  readonly #kept = new Map<string, readonly Entry[]>();

  constructor(objects: GitObjects, store: ObjectStore) {
    this.#objects = objects;
    this.#store = store;
  }

  /** Writes a tree of these entries, in any order; `like` is the id of any object of the repository. */
  write(entries: readonly Entry[], like: string): Stored {
    const sorted = [...entries].sort((a, b) => byBytes(sortKey(a), sortKey(b)));
    const parts = sorted.flatMap(({ mode, name, id }) => [
      Buffer.from(`${mode} ${name}\0`, 'latin1'),
      Buffer.from(id, 'hex'),
    ]);
    const tree = this.#store.put('tree', Buffer.concat(parts), like);
    this.#keep(tree.id, sorted);
    return tree;
  }

  /** Id of the tree of a commit, or of the tree itself. Throws `git-failed` when there is none. */
  async idOf(treeish: string, signal: AbortSignal): Promise<string> {
    // Also one that is still on its way to the disk.
    if (this.#kept.has(treeish)) return treeish;
    const found = await this.#objects.find(`${treeish}^{tree}`, signal);
    if (found) return found.id;
    throw new OrchestratorError('git-failed', `git cat-file failed: there is no tree of ${treeish}.`);
  }

  /** What lies at these paths, those left out where nothing but a folder is. */
  async at(treeish: string, paths: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Entry>> {
    const top = await this.idOf(treeish, signal);
    const found = new Map<string, Entry>();
    for (const path of paths) {
      let entry: Entry | undefined = { name: '', mode: FOLDER, id: top };
      for (const part of path.split('/')) {
        const here: Entry | undefined = entry;
        const name = bytesOf(part);
        entry =
          here?.mode === FOLDER ? (await this.entries(here.id, signal)).find((one) => one.name === name) : undefined;
      }
      if (entry && entry.mode !== FOLDER) found.set(path, entry);
    }
    return found;
  }

  /** What differs between two trees or commits, in git's order of paths; a rename is two differences. */
  async differences(from: string, to: string, signal: AbortSignal): Promise<readonly Difference[]> {
    const [before, after] = await Promise.all([this.idOf(from, signal), this.idOf(to, signal)]);
    const found: Difference[] = [];
    await this.#compare('', before, after, found, signal);
    return found;
  }

  async #compare(
    prefix: string,
    from: string | undefined,
    to: string | undefined,
    found: Difference[],
    signal: AbortSignal,
  ): Promise<void> {
    if (from === to) return;
    const [before, after] = await Promise.all(
      [from, to].map((id) => (id === undefined ? [] : this.entries(id, signal))),
    );
    const sides = new Map<string, { before?: Entry; after?: Entry }>();
    for (const entry of before ?? []) sides.set(sortKey(entry), { before: entry });
    for (const entry of after ?? []) sides.set(sortKey(entry), { ...sides.get(sortKey(entry)), after: entry });
    for (const key of [...sides.keys()].sort(byBytes)) {
      const { before: old, after: now } = sides.get(key) ?? {};
      if (old && now && old.id === now.id && old.mode === now.mode) continue;
      const path = `${prefix}${(old ?? now)?.name ?? ''}`;
      if (key.endsWith('/')) await this.#compare(`${path}/`, old?.id, now?.id, found, signal);
      else found.push({ path: textOf(path), before: old?.mode ?? '', after: now?.mode ?? '' });
    }
  }

  /** Entries of a tree object, in git's order. */
  async entries(id: string, signal: AbortSignal): Promise<readonly Entry[]> {
    const kept = this.#kept.get(id);
    if (kept) return kept;
    const found = await this.#objects.read(id, signal);
    if (found?.type !== 'tree')
      throw new OrchestratorError('git-failed', `git cat-file could not read the tree ${id}.`);
    const entries = parseTree(found.content, id.length / 2);
    this.#keep(id, entries);
    return entries;
  }

  #keep(id: string, entries: readonly Entry[]): void {
    if (this.#kept.size >= KEPT_TREES) this.#kept.clear();
    this.#kept.set(id, entries);
  }
}

/** Entries as git writes them: mode, space, name, NUL, the id's own bytes. */
function parseTree(content: Buffer, idBytes: number): readonly Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(32, at);
    const nul = content.indexOf(0, space);
    const end = nul + 1 + idBytes;
    entries.push({
      mode: content.toString('latin1', at, space),
      name: content.toString('latin1', space + 1, nul),
      id: content.toString('hex', nul + 1, end),
    });
    at = end;
  }
  return entries;
}

/** One character a byte, so that names compare as git compares them. */
const bytesOf = (text: string): string => pathBytes(text).toString('latin1');
const textOf = (bytes: string): string => pathText(Buffer.from(bytes, 'latin1'));
const sortKey = ({ name, mode }: Entry): string => (mode === FOLDER ? `${name}/` : name);
const byBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
