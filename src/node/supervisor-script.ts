import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { draftOf, removeDrafts } from './process/drafts.ts';
import { makePrivateFolder, type StatePaths } from './state/paths.ts';

/**
 * Copies the supervisor to the state folder, keyed by its content, and returns the copy's path: an update of the
 * extension must not delete the script of a running worker.
 */
export function installSupervisor(paths: StatePaths, script: string): string {
  const folder = join(paths.supervisors, createHash('sha256').update(readFileSync(script)).digest('hex').slice(0, 12));
  // The bundle is CommonJS whatever package.json lies above the state folder.
  const copy = join(folder, 'worker.cjs');
  removeDrafts(folder);
  if (existsSync(copy)) return copy;
  makePrivateFolder(folder);
  const draft = draftOf(copy);
  copyFileSync(script, draft);
  renameSync(draft, copy);
  return copy;
}
