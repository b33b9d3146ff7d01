import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { identify } from './identity.ts';

/** What becomes the file or folder at `path` once it is whole; its name says who works on it. */
export const draftOf = (path: string): string => `${path}.${process.pid}.draft`;

/**
 * Removes the drafts in a folder, which need not be there, whose process was ended before it came to remove them
 * itself. A pid that is in use again keeps its draft until that process is gone.
 */
export function removeDrafts(folder: string): void {
  for (const name of namesIn(folder)) {
    const pid = /\.(\d+)\.draft$/.exec(name)?.[1];
    if (pid === undefined || identify(Number(pid)) !== undefined) continue;
    rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
