import { randomUUID } from 'node:crypto';
import { chmod, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Removes a folder with everything in it, also folders without write permission (package caches have such). */
export async function removeFolder(path: string): Promise<void> {
  const options = { recursive: true, force: true, maxRetries: 3 };
  try {
    await rm(path, options);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENAMETOOLONG') await flatten(path);
    else if (code === 'EACCES' || code === 'EPERM') await makeWritable(path);
    else throw error;
    await rm(path, options);
  }
}

/** Far below what systems take for a path, of which 1,024 characters is the least. */
const LONGEST = 700;

/** Brings what lies too deep for its path to be named up to the top, so that everything can be named. */
async function flatten(top: string): Promise<void> {
  const open = [top];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      const path = join(folder, entry.name);
      const isDeep = path.length - top.length > LONGEST;
      const place = isDeep ? join(top, randomUUID()) : path;
      if (isDeep) await rename(path, place);
      open.push(place);
    }
  }
}

async function makeWritable(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeWritable(join(folder, entry.name));
  }
}
