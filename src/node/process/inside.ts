import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { sep } from 'node:path';

/** Whether this system shows where processes work and what environment they have. */
export const canSeeProcesses = process.platform === 'linux';

/** Whether a process other than this one works in the folder, or has `marker` (`NAME=value`) in its environment. */
export function worksIn(folder: string, marker: string): boolean {
  if (!canSeeProcesses) return true;
  return readdirSync('/proc').some((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return false;
    try {
      const cwd = readlinkSync(`/proc/${name}/cwd`);
      if (cwd === folder || cwd.startsWith(folder + sep)) return true;
      return readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').includes(marker);
    } catch {
      // It has ended, or is another person's and can't write here.
      return false;
    }
  });
}
