import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Size of the blocks in which systems count. */
const BLOCK_BYTES = 512;
/** Files looked at side by side. */
const AT_ONCE = 64;

/** Bytes of the disk that a folder uses with all below it; what vanishes meanwhile and what can't be read count as 0. */
export async function diskUse(folder: string, signal: AbortSignal): Promise<number> {
  let used = 0;
  const open = [folder];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    signal.throwIfAborted();
    const here = next;
    const entries = await readdir(here, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) if (entry.isDirectory()) open.push(join(here, entry.name));
    const files = entries.filter((entry) => !entry.isDirectory());
    for (let at = 0; at < files.length; at += AT_ONCE) {
      const part = files.slice(at, at + AT_ONCE).map(({ name }) => usedBy(join(here, name)));
      used += (await Promise.all(part)).reduce((sum, bytes) => sum + bytes, 0);
    }
  }
  return used;
}

async function usedBy(path: string): Promise<number> {
  const found = await lstat(path).catch(() => undefined);
  // Windows does not say how many blocks.
  return found ? (found.blocks === 0 ? found.size : found.blocks * BLOCK_BYTES) : 0;
}
