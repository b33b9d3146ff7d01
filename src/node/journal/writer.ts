import { randomUUID } from 'node:crypto';
import { type FileHandle, link, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OrchestratorError } from '../../core/model/error.ts';
import type { JournalRecord, RunEvent } from '../../core/model/events.ts';
import type { JournalWriter } from '../../core/ports/journal-store.ts';
import { ownIdentity } from '../process/identity.ts';
import { makePrivateFolder } from '../state/paths.ts';
import { readJournal } from './read.ts';
import { encodeBatch, type SegmentHeader, segmentFile } from './segment.ts';

interface Waiting {
  readonly events: readonly RunEvent[];
  readonly resolve: (records: readonly JournalRecord[]) => void;
  readonly reject: (error: Error) => void;
}

export interface OpenedJournal {
  readonly writer: JournalWriter;
  readonly records: readonly JournalRecord[];
  readonly warnings: readonly string[];
}

/**
 * Takes over a run's journal, or begins one: reads what is there and creates the next epoch's segment exclusively, which
 * seals the one before. Throws `repository-owned` when another process created that epoch first.
 */
export async function openJournal(folder: string, now: () => number): Promise<OpenedJournal> {
  makePrivateFolder(folder);
  const { records, last, nextEpoch: epoch, warnings } = readJournal(folder);
  const header: SegmentHeader = {
    segment: 1,
    epoch,
    owner: ownIdentity(),
    createdAt: now(),
    seals: last ? { epoch: last.epoch, offset: last.validBytes } : null,
  };
  const file = await createSegment(segmentFile(folder, epoch), header);
  return { writer: new SegmentWriter(file, epoch, records.at(-1)?.seq ?? 0, now), records, warnings };
}

/** A segment appears with its header or not at all, so that nobody takes one that is being made for a dead owner's. */
async function createSegment(path: string, header: SegmentHeader): Promise<FileHandle> {
  const draft = `${path}.${randomUUID()}.draft`;
  let file: FileHandle | undefined;
  try {
    file = await open(draft, 'wx', 0o600);
    await file.appendFile(`${JSON.stringify(header)}\n`);
    await file.sync();
    await link(draft, path);
    await syncFolder(dirname(path));
    return file;
  } catch (error) {
    await file?.close().catch(() => undefined);
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw failed(error);
    throw new OrchestratorError('repository-owned', 'Another process took over this run at this moment.', {
      cause: error,
    });
  } finally {
    await rm(draft, { force: true });
  }
}

/** So that the new name outlives a power cut; not every system can do it. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Writes what waits as one batch with one sync; the end of a sync starts the next batch, without a timer. */
class SegmentWriter implements JournalWriter {
  readonly epoch: number;
  readonly #file: FileHandle;
  readonly #now: () => number;
  #seq: number;
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  #failure: OrchestratorError | undefined;

  constructor(file: FileHandle, epoch: number, seq: number, now: () => number) {
    this.#file = file;
    this.epoch = epoch;
    this.#seq = seq;
    this.#now = now;
  }

  append(events: readonly RunEvent[]): Promise<readonly JournalRecord[]> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (events.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ events, resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  async close(): Promise<void> {
    await this.#flushing;
    this.#failure ??= new OrchestratorError('journal-failed', 'The journal is closed.');
    await this.#file.close();
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#failure) {
      const batch = this.#waiting;
      this.#waiting = [];
      const at = this.#now();
      const answers = batch.map(({ events }) =>
        events.map((event): JournalRecord => {
          this.#seq += 1;
          return { seq: this.#seq, at, epoch: this.epoch, event };
        }),
      );
      try {
        await this.#file.appendFile(encodeBatch(answers.flat()));
        await this.#file.datasync();
        batch.forEach((waiting, index) => {
          waiting.resolve(answers[index] ?? []);
        });
      } catch (error) {
        this.#failure = failed(error);
        for (const waiting of [...batch, ...this.#waiting]) waiting.reject(this.#failure);
        this.#waiting = [];
      }
    }
    this.#flushing = undefined;
  }
}

function failed(cause: unknown): OrchestratorError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new OrchestratorError('journal-failed', `The journal could not be written: ${message}.`, {
    cause,
    fix: 'Look at the disk and the state folder, then resume the run.',
  });
}
