import { lstat, readdir } from 'node:fs/promises';
import { pathBytes, pathText } from './path-text.ts';

/** Where a path of the repository is on the disk; bytes, as not every path is text. */
export function fileAt(root: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(`${root}/`), pathBytes(path)]);
}

/** Something that is no folder. */
export interface Lying {
  readonly path: string;
  /** A file or a link, and of no other repository: git could store it. */
  readonly isStorable: boolean;
}

/** What lies where a file is or is to be: itself, all in a folder of that name, or what is no folder where one must be. */
export async function lyingAt(root: string, path: string): Promise<readonly Lying[]> {
  const parts = path.split('/');
  for (let length = 1; length <= parts.length; length += 1) {
    const part = parts.slice(0, length).join('/');
    const there = await lstat(fileAt(root, part)).catch(() => undefined);
    if (!there) return [];
    if (!there.isDirectory()) return [{ path: part, isStorable: isStorable(there) }];
  }
  return lyingBelow(root, path, true);
}

async function lyingBelow(root: string, folder: string, isOurs: boolean): Promise<readonly Lying[]> {
  const entries = await readdir(fileAt(root, folder), { withFileTypes: true, encoding: 'buffer' });
  const isInside = isOurs && !entries.some(({ name }) => name.equals(Buffer.from('.git')));
  const found: Lying[] = [];
  for (const entry of entries) {
    const path = `${folder}/${pathText(entry.name)}`;
    if (entry.isDirectory()) found.push(...(await lyingBelow(root, path, isInside)));
    else found.push({ path, isStorable: isInside && isStorable(entry) });
  }
  return found;
}

const isStorable = (one: { isFile(): boolean; isSymbolicLink(): boolean }): boolean =>
  one.isFile() || one.isSymbolicLink();
