import {
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { type ProcessIdentity, processIdentitySchema } from '../../core/model/attempt-files.ts';
import { OrchestratorError } from '../../core/model/error.ts';
import { draftOf } from '../process/drafts.ts';
import { isAlive, ownIdentity } from '../process/identity.ts';
import { makePrivateFolder } from './paths.ts';

const lockSchema = z.object({
  version: z.literal(1),
  owner: processIdentitySchema,
  holder: z.string(),
  released: z.boolean(),
});

export interface RepositoryLock {
  /** Gives the repository free. */
  release(): void;
}

export interface LockOwner {
  readonly owner: ProcessIdentity;
  /** What the owner calls itself, such as "the command line". */
  readonly holder: string;
}

/** Files of earlier owners that are left, so that whoever comes late does not take an old number for the next one. */
const KEPT = 8;

/**
 * Takes the one lock of a repository. Its files are numbered and the numbers never start again: whoever creates the next
 * one exclusively is the owner, so two who both find a dead owner cannot both win. Throws `repository-owned` while
 * another process that lives owns it.
 *
 * @param folder the lock's folder
 * @param holder what this process calls itself, for the message of others
 */
export function acquireLock(folder: string, holder: string): RepositoryLock {
  makePrivateFolder(folder);
  for (;;) {
    const numbers = lockNumbers(folder);
    const last = numbers.at(-1) ?? 0;
    const current = last === 0 ? undefined : readLock(folder, last);
    if (current && isHeld(current)) throw owned(current);
    const file = join(folder, `${last + 1}.json`);
    if (!create(file, holder)) continue;
    if ((lockNumbers(folder).at(-1) ?? 0) > last + 1) {
      // Somebody else went on from there meanwhile.
      rmSync(file, { force: true });
      continue;
    }
    for (const number of numbers.slice(0, -KEPT)) rmSync(join(folder, `${number}.json`), { force: true });
    return { release: () => release(file, holder) };
  }
}

function release(file: string, holder: string): void {
  try {
    replace(file, { holder, released: true });
  } catch {
    // Without room for a word: a file that says nothing is nobody's.
    if (existsSync(file)) truncateSync(file);
  }
}

/** Whether this process made the file: a link appears whole or not at all, and fails where the name is taken. */
function create(file: string, holder: string): boolean {
  const draft = writeDraft(file, { holder, released: false });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function replace(file: string, lock: { holder: string; released: boolean }): void {
  renameSync(writeDraft(file, lock), file);
}

function writeDraft(file: string, lock: { holder: string; released: boolean }): string {
  const draft = draftOf(file);
  writeFileSync(draft, JSON.stringify({ version: 1, owner: ownIdentity(), ...lock }), { mode: 0o600 });
  return draft;
}

function isHeld(lock: z.infer<typeof lockSchema>): boolean {
  return !lock.released && isAlive(lock.owner);
}

/** Who owns the repository now; undefined when nobody does, or only a process that is gone. */
export function lockOwner(folder: string): LockOwner | undefined {
  const last = lockNumbers(folder).at(-1);
  const lock = last === undefined ? undefined : readLock(folder, last);
  return lock && isHeld(lock) ? lock : undefined;
}

function lockNumbers(folder: string): number[] {
  try {
    const names = readdirSync(folder).map((name) => /^(\d+)\.json$/.exec(name)?.[1]);
    return names.flatMap((number) => (number === undefined ? [] : [Number(number)])).sort((a, b) => a - b);
  } catch {
    return [];
  }
}

function readLock(folder: string, number: number): z.infer<typeof lockSchema> | undefined {
  try {
    return lockSchema.parse(JSON.parse(readFileSync(join(folder, `${number}.json`), 'utf8')));
  } catch {
    return undefined;
  }
}

function owned(lock: LockOwner): OrchestratorError {
  return new OrchestratorError(
    'repository-owned',
    `${lock.holder} (process ${lock.owner.pid} on ${lock.owner.host}) works on this repository.`,
    {
      fix: 'Wait until it is done, or cancel its run there.',
    },
  );
}
