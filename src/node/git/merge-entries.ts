import type { Stored } from './store.ts';
import { type Entry, FOLDER, type GitTrees } from './trees.ts';

/**
 * The merge of two trees where no entry was changed on both sides but folders, and none of these lost one: then nothing
 * has to be looked at within a file and nothing can be renamed. undefined: git has to merge them.
 *
 * @param base the tree of the best common ancestor
 * @param ids of the trees of the three commits
 */
export async function mergeEntries(
  trees: GitTrees,
  base: string,
  ours: string,
  theirs: string,
  signal: AbortSignal,
): Promise<{ readonly tree: string; readonly written: readonly Stored[] } | undefined> {
  const written: Stored[] = [];
  const tree = await mergeFolder(trees, [base, ours, theirs], written, signal);
  return tree === undefined ? undefined : { tree, written };
}

async function mergeFolder(
  trees: GitTrees,
  [base, ours, theirs]: readonly [base: string | undefined, ours: string, theirs: string],
  written: Stored[],
  signal: AbortSignal,
): Promise<string | undefined> {
  if (base === theirs || (base === undefined && ours === theirs)) return ours;
  if (base === ours) return theirs;
  const [before, left, right] = await Promise.all([
    byName(trees, base, signal),
    byName(trees, ours, signal),
    byName(trees, theirs, signal),
  ]);
  const entries: Entry[] = [];
  for (const name of new Set([...before.keys(), ...left.keys(), ...right.keys()])) {
    const entry = await mergeEntry(trees, [before.get(name), left.get(name), right.get(name)], written, signal);
    if (!entry) return undefined;
    entries.push(entry);
  }
  const tree = trees.write(entries, ours);
  written.push(tree);
  return tree.id;
}

async function mergeEntry(
  trees: GitTrees,
  [base, ours, theirs]: readonly [base: Entry | undefined, ours: Entry | undefined, theirs: Entry | undefined],
  written: Stored[],
  signal: AbortSignal,
): Promise<Entry | undefined> {
  if (base === undefined && (ours === undefined || theirs === undefined)) return ours ?? theirs;
  // What one side has removed it may have put elsewhere, with the other side's changes to come along.
  if (ours === undefined || theirs === undefined) return undefined;
  if (isSame(base, theirs)) return ours;
  if (isSame(base, ours)) return theirs;
  // Of two folders that are the same both may lack what each side has put elsewhere.
  if (isSame(ours, theirs) && (base === undefined || ours.mode !== FOLDER)) return ours;
  if ([base ?? ours, ours, theirs].some(({ mode }) => mode !== FOLDER)) return undefined;
  const id = await mergeFolder(trees, [base?.id, ours.id, theirs.id], written, signal);
  return id === undefined ? undefined : { ...ours, id };
}

const isSame = (a: Entry | undefined, b: Entry): boolean => a?.id === b.id && a.mode === b.mode;

async function byName(
  trees: GitTrees,
  id: string | undefined,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Entry>> {
  if (id === undefined) return new Map();
  return new Map((await trees.entries(id, signal)).map((entry) => [entry.name, entry]));
}
