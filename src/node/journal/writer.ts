import type { ProcessIdentity } from '../../core/model/attempt-files.ts';
import { OrchestratorError } from '../../core/model/error.ts';
import type { JournalRecord, RunEvent } from '../../core/model/events.ts';
import type { Appended, JournalWriter } from '../../core/ports/journal-store.ts';
import { ownIdentity } from '../process/identity.ts';
import { makePrivateFolder } from '../state/paths.ts';
import { folderFiles, type OpenSegment, type SegmentFiles } from './files.ts';
import { readSegments } from './read.ts';
import { encodeBatch, type SegmentHeader } from './segment.ts';

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
  return openSegments(folderFiles(folder), ownIdentity(), now);
}

/** The same for a journal whose files lie anywhere. */
export async function openSegments(
  files: SegmentFiles,
  owner: ProcessIdentity,
  now: () => number,
): Promise<OpenedJournal> {
  const { records, last, nextEpoch: epoch, warnings } = readSegments(files);
  const header: SegmentHeader = {
    segment: 1,
    epoch,
    owner,
    createdAt: now(),
    seals: last ? { epoch: last.epoch, offset: last.validBytes } : null,
  };
  let segment: OpenSegment | undefined;
  try {
    // Its owner perhaps died before it could sync what was read here, and the seal must not outlive what it seals.
    if (last) await files.sync(last.epoch);
    segment = await files.create(epoch, Buffer.from(`${JSON.stringify(header)}\n`, 'utf8'));
  } catch (error) {
    throw failed(error);
  }
  if (!segment) throw new OrchestratorError('repository-owned', 'Another process took over this run at this moment.');
  return { writer: new SegmentWriter(segment, epoch, records.at(-1)?.seq ?? 0, now), records, warnings };
}

/** What is written and synced together. */
interface Batch {
  readonly records: JournalRecord[];
  readonly durable: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Writes what waits as one batch with one sync; the end of a sync starts the next batch, without a timer. */
class SegmentWriter implements JournalWriter {
  readonly epoch: number;
  readonly #file: OpenSegment;
  readonly #now: () => number;
  #seq: number;
  #next: Batch | undefined;
  #flushing: Promise<void> | undefined;
  #failure: OrchestratorError | undefined;

  constructor(file: OpenSegment, epoch: number, seq: number, now: () => number) {
    this.#file = file;
    this.epoch = epoch;
    this.#seq = seq;
    this.#now = now;
  }

  append(events: readonly RunEvent[]): Appended {
    if (this.#failure) throw this.#failure;
    if (events.length === 0) return { records: [], durable: Promise.resolve() };
    const at = this.#now();
    const records = events.map((event): JournalRecord => {
      this.#seq += 1;
      return { seq: this.#seq, at, epoch: this.epoch, event };
    });
    this.#next ??= emptyBatch();
    const { durable, records: waiting } = this.#next;
    for (const record of records) waiting.push(record);
    this.#flushing ??= this.#flush();
    return { records, durable };
  }

  async close(): Promise<void> {
    await this.#flushing;
    this.#failure ??= new OrchestratorError('journal-failed', 'The journal is closed.');
    await this.#file.close();
  }

  async #flush(): Promise<void> {
    await endOfTurn();
    for (let batch = this.#next; batch; batch = this.#next) {
      this.#next = undefined;
      try {
        await this.#file.append(encodeBatch(batch.records));
        await this.#file.sync();
        batch.resolve();
        await endOfTurn();
      } catch (error) {
        this.#failure = failed(error);
        batch.reject(this.#failure);
        (this.#next as Batch | undefined)?.reject(this.#failure);
        this.#next = undefined;
      }
    }
    this.#flushing = undefined;
  }
}

/**
 * Resolves when all that follows at once from what has just happened is done, so that it goes into the same batch: a
 * callback for the next tick that is asked for in a promise's turn comes after all of these.
 */
async function endOfTurn(): Promise<void> {
  await Promise.resolve();
  await new Promise<void>((resolve) => process.nextTick(resolve));
}

function emptyBatch(): Batch {
  let resolve: () => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const durable = new Promise<void>((onDurable, onFailed) => {
    resolve = onDurable;
    reject = onFailed;
  });
  // Whoever rests on it waits for it; nobody need.
  durable.catch(() => undefined);
  return { records: [], durable, resolve, reject };
}

function failed(cause: unknown): OrchestratorError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new OrchestratorError('journal-failed', `The journal could not be written: ${message}.`, {
    cause,
    fix: 'Look at the disk and the state folder, then resume the run.',
  });
}
