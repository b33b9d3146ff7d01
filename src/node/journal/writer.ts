import type { ProcessIdentity } from '../../core/model/attempt-files.ts';
import { OrchestratorError } from '../../core/model/error.ts';
import type { JournalRecord, RunEvent } from '../../core/model/events.ts';
import type { JournalWriter } from '../../core/ports/journal-store.ts';
import { ownIdentity } from '../process/identity.ts';
import { makePrivateFolder } from '../state/paths.ts';
import { folderFiles, type OpenSegment, type SegmentFiles } from './files.ts';
import { readSegments } from './read.ts';
import { encodeBatch, type SegmentHeader } from './segment.ts';

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

/** Writes what waits as one batch with one sync; the end of a sync starts the next batch, without a timer. */
class SegmentWriter implements JournalWriter {
  readonly epoch: number;
  readonly #file: OpenSegment;
  readonly #now: () => number;
  #seq: number;
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  #failure: OrchestratorError | undefined;

  constructor(file: OpenSegment, epoch: number, seq: number, now: () => number) {
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
        await this.#file.append(encodeBatch(answers.flat()));
        await this.#file.sync();
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
