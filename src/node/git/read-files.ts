import { OrchestratorError } from '../../core/model/error.ts';
import type { TreeEntry } from '../../core/ports/repository.ts';
import type { GitObject } from './objects.ts';
import type { Place } from './place.ts';
import { type Entry, LINK, SUBMODULE } from './trees.ts';

/**
 * Contents of files in a commit or tree, by path, as git stores them. Missing paths, symbolic links and submodules are
 * left out.
 */
export async function readFiles(
  place: Place,
  treeish: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = [...(await place.trees.at(treeish, paths, signal))].filter(([, { mode }]) => mode.startsWith('100'));
  const read = found.map(
    async ([path, entry]) => [path, (await known(place, path, entry, 'read', signal)).content] as const,
  );
  return new Map(await Promise.all(read));
}

/** See the port. */
export async function entries(
  place: Place,
  treeish: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, TreeEntry>> {
  const found = [...(await place.trees.at(treeish, paths, signal))];
  const described = found.map(async ([path, entry]): Promise<[string, TreeEntry]> => {
    const { mode, id: object } = entry;
    if (mode === SUBMODULE) return [path, { kind: 'submodule', object, bytes: 0, target: undefined }];
    const isLink = mode === LINK;
    const { bytes, content } = await known(place, path, entry, isLink ? 'read' : 'find', signal);
    const target = isLink ? content.toString('utf8') : undefined;
    return [path, { kind: isLink ? 'link' : 'file', object, bytes, target }];
  });
  return new Map(await Promise.all(described));
}

/** The object of an entry, which has to be there. */
async function known(
  { objects, root }: Place,
  path: string,
  { id }: Entry,
  how: 'read' | 'find',
  signal: AbortSignal,
): Promise<GitObject> {
  const found = await objects[how](id, signal);
  if (found) return found;
  throw new OrchestratorError('git-failed', `git cat-file could not read ${path} (${id}) in ${root}.`);
}
