import { createHash, randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflate, deflateSync } from 'node:zlib';
import { OrchestratorError } from '../../core/model/error.ts';
import { type Git, line } from './git.ts';

/** An object that is being written: what it is called is known before it is on disk. */
export interface Stored {
  readonly id: string;
  /** Resolves when it is on disk. Only then may a ref lead to it. */
  readonly stored: Promise<void>;
}

/** Smaller ones are compressed faster than another thread is woken. */
const SMALL_BYTES = 16_384;

/**
 * Writes trees and commits as loose objects, as git does: a file of its own for each, whole, synced and then renamed.
 * A git process for each would cost more than the object, and would sync one after the other.
 */
export class ObjectStore {
  readonly #folder: string;
  readonly #git: Git;
  #isShared: Promise<boolean> | undefined;

  constructor(commonDir: string, git: Git) {
    this.#folder = join(commonDir, 'objects');
    this.#git = git;
  }

  /** `like` is the id of any object of the repository: it tells how ids are made there. */
  put(type: 'commit' | 'tree', content: Buffer, like: string): Stored {
    const bytes = Buffer.concat([Buffer.from(`${type} ${content.length}\0`, 'latin1'), content]);
    const id = createHash(like.length === 64 ? 'sha256' : 'sha1')
      .update(bytes)
      .digest('hex');
    const stored = this.#store(type, content, bytes, id);
    // Whoever needs it waits for it; nobody does after another failure.
    stored.catch(() => undefined);
    return { id, stored };
  }

  async #store(type: string, content: Buffer, bytes: Buffer, id: string): Promise<void> {
    this.#isShared ??= this.#askWhetherShared();
    if (await this.#isShared) {
      // Others need rights on its files that only git knows.
      const written = await this.#git(['hash-object', '-w', '-t', type, '--stdin'], {
        signal: undefined,
        input: content,
      });
      if (line(written) !== id)
        throw new OrchestratorError('internal', `git calls the ${type} ${id} ${line(written)}.`);
      return;
    }
    const folder = join(this.#folder, id.slice(0, 2));
    await writeLoose(folder, join(folder, id.slice(2)), bytes).catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new OrchestratorError('git-failed', `A ${type} could not be written to ${this.#folder}: ${why}`, { cause });
    });
  }

  async #askWhetherShared(): Promise<boolean> {
    const args = ['config', '--get', 'core.sharedRepository'];
    const found = line(await this.#git(args, { signal: undefined, accept: [1] }));
    return !['', '0', 'umask', 'false', 'no', 'off'].includes(found.toLowerCase());
  }
}

/** Only what waits for the disk is waited for: the rest takes less time than to have another thread do it. */
async function writeLoose(folder: string, file: string, bytes: Buffer): Promise<void> {
  if (isFresh(file)) return;
  const compressed = bytes.length <= SMALL_BYTES ? deflateSync(bytes) : await promisify(deflate)(bytes);
  mkdirSync(folder, { recursive: true });
  // A name by which git knows what a process that was killed has left.
  const draft = join(folder, `tmp_obj_${randomUUID()}`);
  try {
    const descriptor = openSync(draft, 'wx', 0o444);
    try {
      writeFileSync(descriptor, compressed);
      await promisify(fsync)(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    // Some systems replace no file that may not be written: then it is the one that another process has made.
    if (!existsSync(file)) throw error;
  }
}

/** Whether it is there already; git removes what nothing leads to by its age, so it is as new as if written now. */
function isFresh(file: string): boolean {
  if (!existsSync(file)) return false;
  const now = new Date();
  try {
    utimesSync(file, now, now);
    return true;
  } catch {
    return false;
  }
}
