import type { ProcessIdentity } from '../../core/model/attempt-files.ts';
import { OrchestratorError } from '../../core/model/error.ts';
import { EVENTS_VERSION } from '../../core/model/event-versions.ts';
import type { JournalRecord, RunEvent } from '../../core/model/events.ts';
import type { Appended, Folding, JournalWriter } from '../../core/ports/journal-store.ts';
import { ownIdentity } from '../process/identity.ts';
import { makePrivateFolder } from '../state/paths.ts';
import { lineOf } from './artefacts.ts';
import { folderFiles, type OpenSegment, type SegmentFiles } from './files.ts';
import { JournalReader } from './reader.ts';
import { BatchBytes, type SegmentHeader } from './segment.ts';
import { encodeSnapshot, imageBytes, type Position } from './snapshot.ts';

export interface OpenedJournal {
  readonly writer: JournalWriter;
  readonly warnings: readonly string[];
}

/**
 * Takes over a run's journal, or begins one: reads what is there into `folding` and creates the next epoch's segment
 * exclusively, which seals the one before. Throws `repository-owned` when another process created that epoch first.
 */
export async function openJournal(folder: string, folding: Folding, now: () => number): Promise<OpenedJournal> {
  makePrivateFolder(folder);
  return openSegments(folderFiles(folder), folding, ownIdentity(), now);
}

/** The same for a journal whose files lie anywhere. */
export async function openSegments(
  files: SegmentFiles,
  folding: Folding,
  owner: ProcessIdentity,
  now: () => number,
): Promise<OpenedJournal> {
  const reader = new JournalReader(files, folding);
  const warnings = reader.catchUp();
  const { nextEpoch: epoch, position: last, lastSeq } = reader;
  const header: SegmentHeader = {
    segment: 1,
    events: EVENTS_VERSION,
    epoch,
    by: folding.version,
    owner,
    createdAt: now(),
    seals: last ?? null,
  };
  const first = Buffer.from(`${JSON.stringify(header)}\n`, 'utf8');
  let segment: OpenSegment | undefined;
  try {
    // Its owner perhaps died before it could sync what was read here, and the seal must not outlive what it seals.
    if (last) await files.sync(last.epoch);
    segment = await files.create(epoch, first);
  } catch (error) {
    throw failed(error);
  }
  if (!segment) throw new OrchestratorError('repository-owned', 'Another process took over this run at this moment.');
  const place = { seq: lastSeq, position: { epoch, offset: first.length } };
  return { writer: new SegmentWriter(files, segment, place, now), warnings };
}

/** What is written and synced together. */
interface Batch {
  readonly lines: BatchBytes;
  /** How many lines there are. */
  count: number;
  /** By content hash. */
  readonly large: Map<string, Buffer>;
  readonly written: Promise<void>;
  readonly durable: Promise<void>;
  readonly onWritten: () => void;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Writes what waits as one batch with one sync; the end of a sync starts the next batch, without a timer. */
class SegmentWriter implements JournalWriter {
  readonly epoch: number;
  readonly #files: SegmentFiles;
  readonly #file: OpenSegment;
  readonly #now: () => number;
  /** What is on disk. */
  #synced: { readonly seq: number; readonly position: Position };
  #seq: number;
  #at = 0;
  #next: Batch | undefined;
  #lastDurable: Promise<void> = Promise.resolve();
  #flushing: Promise<void> | undefined;
  #keeping: Promise<void> | undefined;
  #failure: OrchestratorError | undefined;

  constructor(
    files: SegmentFiles,
    file: OpenSegment,
    place: { readonly seq: number; readonly position: Position },
    now: () => number,
  ) {
    this.#files = files;
    this.#file = file;
    this.epoch = place.position.epoch;
    this.#synced = place;
    this.#seq = place.seq;
    this.#now = now;
  }

  append(events: readonly RunEvent[]): Appended {
    if (this.#failure) throw this.#failure;
    if (events.length === 0) return { records: [], written: Promise.resolve(), durable: Promise.resolve() };
    this.#at = this.#now();
    const records = events.map(this.#recordOf);
    this.#next ??= emptyBatch();
    const { lines, large, written, durable } = this.#next;
    const keep = (sha256: string, bytes: Buffer): void => void large.set(sha256, bytes);
    for (const record of records) lines.add(lineOf(record, keep));
    this.#next.count += records.length;
    this.#lastDurable = durable;
    this.#flushing ??= this.#flush();
    return { records, written, durable };
  }

  readonly #recordOf = (event: RunEvent): JournalRecord => {
    this.#seq += 1;
    return { seq: this.#seq, at: this.#at, epoch: this.epoch, event };
  };

  keepImage(folding: Folding): void {
    if (this.#keeping || this.#failure) return;
    const before = this.#synced;
    const seq = this.#seq;
    let image: Buffer;
    try {
      image = imageBytes(folding.image());
    } catch {
      return;
    }
    this.#keeping = this.#lastDurable
      .then(() => {
        const until = this.#synced.position.offset;
        // Where nothing came behind the image, there is nothing to read after it.
        const { position, seq: positionSeq } = this.#synced.seq === seq ? this.#synced : before;
        const head = { fold: folding.version, seq, position, positionSeq, until };
        return this.#files.saveSnapshot(encodeSnapshot(head, image));
      })
      // The journal is whole without it.
      .catch(() => undefined)
      .finally(() => {
        this.#keeping = undefined;
      });
  }

  async close(): Promise<void> {
    await this.#flushing;
    await this.#keeping;
    this.#failure ??= new OrchestratorError('journal-failed', 'The journal is closed.');
    await this.#file.close();
  }

  async #flush(): Promise<void> {
    await endOfTurn();
    for (let batch = this.#next; batch; batch = this.#next) {
      this.#next = undefined;
      try {
        // What lines refer to is durable before they are.
        for (const [sha256, bytes] of batch.large) await this.#files.artefacts.put(sha256, bytes);
        const bytes = batch.lines.whole();
        await this.#file.append(bytes);
        batch.onWritten();
        await this.#file.sync();
        const { position, seq } = this.#synced;
        const offset = position.offset + bytes.length;
        this.#synced = { seq: seq + batch.count, position: { epoch: this.epoch, offset } };
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
  const [written, durable] = [deferred(), deferred()];
  return {
    ...{ lines: new BatchBytes(), count: 0, large: new Map(), written: written.promise, durable: durable.promise },
    ...{ onWritten: written.resolve, resolve: durable.resolve },
    reject(error) {
      written.reject(error);
      durable.reject(error);
    },
  };
}

function deferred() {
  let resolve: () => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<void>((onResolved, onFailed) => {
    resolve = onResolved;
    reject = onFailed;
  });
  // Whoever rests on it waits for it; nobody need.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}

function failed(cause: unknown): OrchestratorError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new OrchestratorError('journal-failed', `The journal could not be written: ${message}.`, {
    cause,
    fix: 'Look at the disk and the state folder, then resume the run.',
  });
}
