import { type JournalRecord, journalRecordSchema, type RunEvent } from '../../src/core/model/events.ts';
import type { JournalWriter } from '../../src/core/ports/journal-store.ts';
import { parseLine } from '../../src/node/journal/artefacts.ts';
import type { OpenSegment, SegmentFiles } from '../../src/node/journal/files.ts';
import { type SegmentHeader, segmentHeaderSchema } from '../../src/node/journal/segment.ts';
import type { SimulatedDisk } from './disk.ts';
import type { PlantedBug } from './planted-bug.ts';
import type { Process, World } from './world.ts';

export interface StoreOptions {
  readonly world: World;
  readonly disk: SimulatedDisk;
  readonly bug: PlantedBug | undefined;
  /** What is written counts as on disk: a run whose durability is relaxed. */
  readonly relaxed: boolean;
  /** Asked once for each sync: whether it fails, and how much longer than usual it takes. */
  sync(): { readonly fails: boolean; readonly slowMs: number };
  /** Records that are about to be written, that are on disk now, and whose writer was told so. */
  onOffered(records: readonly JournalRecord[]): void;
  onDurable(records: readonly JournalRecord[]): void;
  onAcknowledged(records: readonly JournalRecord[]): void;
}

/** The files of the run's journal as one process sees them; the product's own reader and writer work on them. */
export function journalFiles(options: StoreOptions, process: Process): SegmentFiles {
  const { world, disk, bug } = options;
  return {
    epochs: () => disk.epochs,
    size: (epoch) => disk.read(epoch).length,
    read: (epoch, from, to) =>
      (bug === 'seal-ignored' ? withoutSeal(disk, epoch) : disk.read(epoch)).subarray(from, to),
    nameOf: (epoch) => `segment ${epoch}`,
    async sync(epoch) {
      await world.takes(`sync segment ${epoch}`, process);
      disk.sync(epoch);
    },
    async create(epoch, first) {
      await world.takes(`create segment ${epoch}`, process);
      await world.point('open-journal/before', process);
      if (!disk.create(epoch, first)) return undefined;
      await world.point('open-journal/after', process);
      return openSegment(options, process, epoch);
    },
    artefacts: disk.artefacts,
    snapshot: () => disk.readSnapshot(),
    async saveSnapshot(bytes) {
      await world.takes('write a snapshot', process);
      await world.point('snapshot/before', process);
      disk.replaceSnapshot(bytes);
      await world.point('snapshot/written', process);
      disk.syncSnapshot();
      await world.point('snapshot/after', process);
    },
  };
}

function openSegment(options: StoreOptions, process: Process, epoch: number): OpenSegment {
  const { world, disk, bug } = options;
  let unsynced: JournalRecord[] = [];
  const point = async (phase: string): Promise<void> => {
    for (const type of new Set(unsynced.map(({ event }) => event.type)))
      await world.point(`record ${type}/${phase}`, process);
  };
  return {
    async append(bytes) {
      const records = recordsOf(bytes, disk);
      await world.takes(`record ${records.map(({ event }) => describe(event)).join(', ')}`, process);
      unsynced.push(...records);
      await point('before');
      options.onOffered(records);
      const half = Math.floor(bytes.length * world.random.fraction());
      disk.append(epoch, bytes.subarray(0, half));
      await point('during');
      disk.append(epoch, bytes.subarray(half));
      if (options.relaxed) options.onDurable(records);
      await point('written');
    },
    async sync() {
      // Meanwhile more comes for the next batch.
      const { fails, slowMs } = options.sync();
      await world.takes('the records are synced', process, undefined, [1 + slowMs, 20 + slowMs]);
      if (fails) {
        disk.failSync(epoch);
        if (bug !== 'fsync-ignored') throw new Error('The sync failed.');
      } else {
        disk.sync(epoch);
        if (!options.relaxed) options.onDurable(unsynced);
      }
      await point('after');
      unsynced = [];
    },
    close: async () => undefined,
  };
}

/** Tells what was acknowledged to whoever wrote it. */
export function watched(writer: JournalWriter, { onAcknowledged }: StoreOptions): JournalWriter {
  return {
    epoch: writer.epoch,
    append(events) {
      const appended = writer.append(events);
      const durable = appended.durable.then(() => onAcknowledged(appended.records));
      durable.catch(() => undefined);
      return { ...appended, durable };
    },
    keepImage: (folding) => writer.keepImage(folding),
    close: () => writer.close(),
  };
}

/** The events of a batch, whatever its writer believes to have written. */
function recordsOf(batch: Buffer, { artefacts }: SimulatedDisk): JournalRecord[] {
  const [, ...lines] = batch.toString('utf8').trimEnd().split('\n');
  return lines.map((line) => journalRecordSchema.parse(parseLine(line, artefacts, () => undefined)));
}

/** The same segment as if it had sealed its predecessor where that ends now. */
function withoutSeal(disk: SimulatedDisk, epoch: number): Buffer {
  const bytes = disk.read(epoch);
  const end = bytes.indexOf('\n');
  const header: SegmentHeader = segmentHeaderSchema.parse(JSON.parse(bytes.subarray(0, end).toString()));
  if (!header.seals) return bytes;
  const seals = { epoch: header.seals.epoch, offset: disk.read(header.seals.epoch).length };
  const line = JSON.stringify({ ...header, seals }).padEnd(end);
  return Buffer.concat([Buffer.from(line), bytes.subarray(end)]);
}

function describe(event: RunEvent): string {
  const who = 'attempt' in event ? event.attempt : 'subtask' in event ? event.subtask : '';
  return `${event.type}${who === '' ? '' : ` ${who}`}`;
}
