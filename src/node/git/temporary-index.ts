import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { draftOf } from '../process/drafts.ts';
import type { Place } from './place.ts';

/** Folder of temporary indexes, beside the worktrees. */
export const TEMPORARY_INDEXES = '.indexes';

/**
 * Gives `work` the path of an index file of its own (not there yet) and removes it afterwards. When this process is
 * ended before that, whoever owns the repository next removes it as a draft.
 */
export async function withTemporaryIndex<T>(place: Place, work: (index: string) => Promise<T>): Promise<T> {
  const folder = draftOf(join(place.worktreesDir, TEMPORARY_INDEXES, randomUUID()));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    return await work(join(folder, 'index'));
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/**
 * Copies an index with its time of writing. Git compares that with the times of the files to find those that were
 * changed in the same instant; a copy that looks newer would hide such changes.
 */
export async function copyIndex(from: string, to: string): Promise<void> {
  const { mtimeMs } = await stat(from);
  await copyFile(from, to);
  const seconds = Math.floor(mtimeMs / 1000);
  await utimes(to, seconds, seconds);
}
