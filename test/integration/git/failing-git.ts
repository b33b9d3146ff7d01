import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ScratchRepository } from './scratch-repository.ts';

/** From now on git fails in the middle of writing, at the files of this name: those before it are written by then. */
export async function breakFilter(scratch: ScratchRepository, name: string, smudge = 'false'): Promise<void> {
  await scratch.git('config', 'filter.broken.smudge', smudge);
  await scratch.git('config', 'filter.broken.clean', 'cat');
  await scratch.git('config', 'filter.broken.required', 'true');
  await scratch.write('.git/info/attributes', `${name} filter=broken\n`);
}

export const mendFilter = (scratch: ScratchRepository) => rm(join(scratch.root, '.git/info/attributes'));

/** What a promise rejects with, for a person. */
export const errorOf = (promise: Promise<unknown>): Promise<{ code: string; message: string; fix: string }> =>
  promise.then(
    () => expect.fail('It did not fail.'),
    (error) => error,
  );
