import { OrchestratorError } from '../../src/core/model/error.ts';
import type { JournalRecord, RunEvent } from '../../src/core/model/events.ts';
import type { JournalWriter } from '../../src/core/ports/journal-store.ts';
import {
  damaged,
  decodeSegment,
  encodeBatch,
  hasBatchAfter,
  type SegmentHeader,
} from '../../src/node/journal/segment.ts';
import type { SimulatedDisk } from './disk.ts';
import type { PlantedBug } from './planted-bug.ts';
import type { Process, World } from './world.ts';

export interface StoreOptions {
  readonly world: World;
  readonly disk: SimulatedDisk;
  readonly bug: PlantedBug | undefined;
  /** Asked once for each sync. */
  syncFails(): boolean;
  /** Records that are about to be written, that are on disk now, and whose writer was told so. */
  onOffered(records: readonly JournalRecord[]): void;
  onDurable(records: readonly JournalRecord[]): void;
  onAcknowledged(records: readonly JournalRecord[]): void;
}

interface Read {
  readonly records: readonly JournalRecord[];
  readonly last: { readonly epoch: number; readonly validBytes: number } | undefined;
}

/** Reads the segments as the product does, each up to where its successor sealed it. */
export function readDisk(disk: SimulatedDisk, bug: PlantedBug | undefined): Read {
  const parts: (readonly JournalRecord[])[] = [];
  let last: Read['last'];
  let seal: SegmentHeader['seals'] | undefined;
  for (const epoch of disk.epochs.toReversed()) {
    if (seal === null) break;
    if (seal && epoch > seal.epoch) continue;
    if (seal && epoch < seal.epoch) break;
    const bytes = disk.read(epoch);
    const name = `segment ${epoch}`;
    const limit = bug === 'seal-ignored' ? undefined : seal?.offset;
    const segment = decodeSegment(name, bytes, limit);
    if (!segment) throw damaged(name, 0);
    if (segment.damagedTail && bug !== 'seal-ignored') {
      if (limit !== undefined || hasBatchAfter(bytes, segment.validBytes)) throw damaged(name, segment.validBytes);
    }
    last ??= { epoch, validBytes: segment.validBytes };
    parts.push(segment.records);
    seal = segment.header.seals;
  }
  if (seal) throw damaged(`segment ${seal.epoch}`, 0);
  return { records: parts.toReversed().flat(), last };
}

export interface Opened {
  readonly writer: SimulatedWriter;
  readonly records: readonly JournalRecord[];
}

/** Takes the journal over for a process: the next epoch's segment seals the one before. */
export async function openDisk(options: StoreOptions, process: Process): Promise<Opened> {
  const { world, disk, bug } = options;
  await world.takes('open the journal', process);
  await world.point('open-journal/before', process);
  const { records, last } = readDisk(disk, bug);
  const epoch = (disk.epochs.at(-1) ?? 0) + 1;
  // What the seal will rest on must be on disk before it.
  if (last) disk.sync(last.epoch);
  const header: SegmentHeader = {
    segment: 1,
    epoch,
    owner: process.identity,
    createdAt: world.wallClock(),
    seals: last ? { epoch: last.epoch, offset: last.validBytes } : null,
  };
  if (!disk.create(epoch, Buffer.from(`${JSON.stringify(header)}\n`)))
    throw new OrchestratorError('repository-owned', 'Another process took over this run at this moment.');
  await world.point('open-journal/after', process);
  return { writer: new SimulatedWriter(options, process, epoch, records.at(-1)?.seq ?? 0), records };
}

interface Waiting {
  readonly events: readonly RunEvent[];
  readonly resolve: (records: readonly JournalRecord[]) => void;
  readonly reject: (error: Error) => void;
}

/** Writes what waits as one batch with one sync, as the product does. */
export class SimulatedWriter implements JournalWriter {
  readonly epoch: number;
  readonly #options: StoreOptions;
  readonly #process: Process;
  #seq: number;
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  #failure: OrchestratorError | undefined;
  /** Only with a bug: acknowledged and not yet written. */
  #late: JournalRecord[] = [];

  constructor(options: StoreOptions, process: Process, epoch: number, seq: number) {
    this.#options = options;
    this.#process = process;
    this.epoch = epoch;
    this.#seq = seq;
  }

  get lastSeq(): number {
    return this.#seq;
  }

  append(events: readonly RunEvent[]): Promise<readonly JournalRecord[]> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (events.length === 0) return Promise.resolve([]);
    if (this.#options.bug === 'intent-after-effect' && events[0]?.type === 'attempt.launching') {
      const early = this.#number(events);
      this.#late.push(...early);
      return Promise.resolve(early);
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ events, resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  async close(): Promise<void> {
    await this.#flushing;
    this.#failure ??= new OrchestratorError('journal-failed', 'The journal is closed.');
  }

  #number(events: readonly RunEvent[]): JournalRecord[] {
    const at = this.#options.world.wallClock();
    return events.map((event) => {
      this.#seq += 1;
      return { seq: this.#seq, at, epoch: this.epoch, event };
    });
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#failure) {
      const batch = this.#waiting;
      this.#waiting = [];
      const answers = batch.map(({ events }) => this.#number(events));
      const records = [...this.#late, ...answers.flat()];
      this.#late = [];
      try {
        await this.#write(records);
        this.#options.onAcknowledged(records);
        batch.forEach(({ resolve }, index) => {
          resolve(answers[index] ?? []);
        });
      } catch (error) {
        this.#failure = new OrchestratorError('journal-failed', 'The journal could not be written.', { cause: error });
        for (const { reject } of [...batch, ...this.#waiting]) reject(this.#failure);
        this.#waiting = [];
      }
    }
    this.#flushing = undefined;
  }

  async #write(records: readonly JournalRecord[]): Promise<void> {
    const { world, disk, bug } = this.#options;
    const name = `record ${records[0]?.event.type}`;
    await world.takes(`record ${records.map(({ event }) => describe(event)).join(', ')}`, this.#process);
    await world.point(`${name}/before`, this.#process);
    this.#options.onOffered(records);
    const bytes = encodeBatch(records);
    const half = Math.floor(bytes.length * world.random.fraction());
    disk.append(this.epoch, bytes.subarray(0, half));
    await world.point(`${name}/during`, this.#process);
    disk.append(this.epoch, bytes.subarray(half));
    await world.point(`${name}/written`, this.#process);
    if (this.#options.syncFails()) {
      disk.failSync(this.epoch);
      if (bug !== 'fsync-ignored') throw new Error('The sync failed.');
    } else {
      disk.sync(this.epoch);
      this.#options.onDurable(records);
    }
    await world.point(`${name}/after`, this.#process);
  }
}

function describe(event: RunEvent): string {
  const who = 'attempt' in event ? event.attempt : 'subtask' in event ? event.subtask : '';
  return `${event.type}${who === '' ? '' : ` ${who}`}`;
}
