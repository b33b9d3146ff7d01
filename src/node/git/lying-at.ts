import { lstat, readdir } from 'node:fs/promises';
import { pathBytes, pathText } from './path-text.ts';

/** Where a path of the repository is on the disk; bytes, as not every path is text. */
export function fileAt(root: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(`${root}/`), pathBytes(path)]);
}

/** What lies where a file is or is to be: itself, the files of a folder of that name, or a file where a folder must be. */
export async function lyingAt(root: string, path: string): Promise<readonly string[]> {
  const parts = path.split('/');
  for (let length = 1; length <= parts.length; length += 1) {
    const part = parts.slice(0, length).join('/');
    const there = await lstat(fileAt(root, part)).catch(() => undefined);
    if (!there) return [];
    if (!there.isDirectory()) return there.isFile() || there.isSymbolicLink() ? [part] : [];
  }
  return filesBelow(root, path);
}

async function filesBelow(root: string, folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  const entries = await readdir(fileAt(root, folder), { withFileTypes: true, encoding: 'buffer' });
  // A repository of its own, which git does not remove.
  if (entries.some(({ name }) => name.equals(Buffer.from('.git')))) return [];
  for (const entry of entries) {
    const path = `${folder}/${pathText(entry.name)}`;
    if (entry.isDirectory()) found.push(...(await filesBelow(root, path)));
    else if (entry.isFile() || entry.isSymbolicLink()) found.push(path);
  }
  return found;
}
