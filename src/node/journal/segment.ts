import { createHash } from 'node:crypto';
import * as z from 'zod';
import { processIdentitySchema } from '../../core/model/attempt-files.ts';
import { OrchestratorError } from '../../core/model/error.ts';
import { EVENTS_VERSION, migrated } from '../../core/model/event-versions.ts';
import { type JournalRecord, journalRecordSchema, RUN_EVENT_TYPES } from '../../core/model/events.ts';
import { type Artefacts, parseLine } from './artefacts.ts';
import type { SegmentFiles } from './files.ts';
import { Window } from './window.ts';

/**
 * A journal is a folder of segments, one for each owner (epoch) of the run. A segment's first line says who owns it and
 * seals the segment before: what a zombie writes there after that byte does not count. Then come batches: a line with
 * the length in bytes and the checksum of what follows, then that many bytes of events, one a line.
 */
export const segmentHeaderSchema = z.object({
  segment: z.literal(1),
  /** Version of its events. */
  events: z.int().min(1).default(1),
  epoch: z.int().min(1),
  /** The code that wrote its events, see `Folding.version`; missing in journals of old. */
  by: z.string().optional(),
  owner: processIdentitySchema,
  createdAt: z.number(),
  seals: z.object({ epoch: z.int().min(1), offset: z.int().min(0) }).nullable(),
});
const newerHeaderSchema = z.looseObject({ segment: z.int().min(2) });
/** A record of whatever version. */
const rawRecordSchema = z.looseObject({ event: z.record(z.string(), z.unknown()) });
/** A batch's first line to the letter, as `BatchBytes` writes it: there are many, and one that differs is damaged. */
const BATCH_LINE = /^\{"batch":\{"bytes":([1-9]\d{0,14}),"sum":"([0-9a-f]{16})"\}\}$/;

export type SegmentHeader = z.infer<typeof segmentHeaderSchema>;

/** Longest first line of a segment, and of a batch. */
const HEADER_BYTES = 4_096;
const BATCH_LINE_BYTES = 128;
const NEWLINE = 0x0a;

/** A line of UTF-8 takes at most so many bytes for each of its UTF-16 units. */
const MOST_BYTES_PER_UNIT = 3;

/**
 * The lines of one batch, as bytes from the moment they come in: what they were made of need not be kept until it is
 * written. The batch's first line goes right before the others, which are never copied once all are in.
 */
export class BatchBytes {
  #bytes = Buffer.allocUnsafe(8_192);
  #end = BATCH_LINE_BYTES;

  add(line: string): void {
    const most = this.#end + line.length * MOST_BYTES_PER_UNIT + 1;
    if (most > this.#bytes.length) this.#grow(most);
    this.#end += this.#bytes.write(line, this.#end, 'utf8');
    this.#bytes[this.#end] = NEWLINE;
    this.#end += 1;
  }

  /** All of it, ready to be written. Nothing may be added any more. */
  whole(): Buffer {
    const body = this.#bytes.subarray(BATCH_LINE_BYTES, this.#end);
    const line = `${JSON.stringify({ batch: { bytes: body.length, sum: checksum(body) } })}\n`;
    const from = BATCH_LINE_BYTES - line.length;
    this.#bytes.write(line, from, 'latin1');
    return this.#bytes.subarray(from, this.#end);
  }

  #grow(least: number): void {
    const larger = Buffer.allocUnsafe(Math.max(least, 2 * this.#bytes.length));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}

/** Bytes of one batch of lines. */
export function encodeBatch(lines: readonly string[]): Buffer {
  const batch = new BatchBytes();
  for (const line of lines) batch.add(line);
  return batch.whole();
}

/**
 * The header of a segment and where it ends; undefined when it is not whole. Throws `journal-newer` for a kind of segment
 * that this version does not know.
 */
export function headerOf(files: SegmentFiles, epoch: number): { header: SegmentHeader; end: number } | undefined {
  const line = new Window(files, epoch, Math.min(files.size(epoch), HEADER_BYTES)).line(0, HEADER_BYTES);
  const value = line && parseJson(line.text);
  const header = segmentHeaderSchema.safeParse(value);
  if (line && header.success) return { header: header.data, end: line.next };
  if (newerHeaderSchema.safeParse(value).success) throw newer(`The journal ${files.nameOf(epoch)} is of a kind`);
  return undefined;
}

/** A whole batch in a segment. */
export interface Batch {
  readonly offset: number;
  readonly sum: string;
  readonly body: string;
  /** Where the next one begins. */
  readonly next: number;
}

/** The batch that begins at an offset; undefined when there is no whole one. */
export function batchAt(window: Window, offset: number): Batch | undefined {
  const line = window.line(offset, BATCH_LINE_BYTES);
  const head = line && BATCH_LINE.exec(line.text);
  const sum = head?.[2];
  if (!line || sum === undefined) return undefined;
  const bytes = Number(head?.[1]);
  const next = line.next + bytes;
  if (next > window.end) return undefined;
  const body = window.bytes(line.next, bytes);
  return checksum(body) === sum ? { offset, sum, body: body.toString('utf8'), next } : undefined;
}

/** How the lines of a segment are read. */
export interface Reading {
  /** For messages. */
  readonly file: string;
  /** Of its events. */
  readonly version: number;
  /** The very code that reads them wrote them. */
  readonly isOwn: boolean;
  readonly artefacts: Artefacts;
  readonly warn: (problem: string) => void;
}

/** The events of a batch. Throws `journal-newer` for one that this version does not know. */
export function recordsOf(
  { body, offset }: Batch,
  { file, version, isOwn, artefacts, warn }: Reading,
): JournalRecord[] {
  if (version > EVENTS_VERSION) throw unknownEvent(file, offset);
  const records: JournalRecord[] = [];
  for (const line of body.split('\n')) {
    if (line === '') continue;
    const parsed = parseLine(line, artefacts, warn);
    const record = isOwn ? ownRecord(parsed) : anyRecord(parsed, version);
    if (!record) throw unknownEvent(file, offset);
    records.push(record);
  }
  return records;
}

function anyRecord(parsed: unknown, version: number): JournalRecord | undefined {
  return journalRecordSchema.safeParse(version === EVENTS_VERSION ? parsed : ofToday(parsed, version)).data;
}

/**
 * A record that was written by this very code, as its segment says, and that a checksum vouches for: it is what it was
 * when it was written, so only what it is called is looked at. A closer look at each takes most of the time that it
 * takes to open a journal.
 */
function ownRecord(parsed: unknown): JournalRecord | undefined {
  const { seq, epoch, at, event } = (parsed ?? {}) as Partial<JournalRecord>;
  if (![seq, epoch, at].every((number) => typeof number === 'number')) return undefined;
  return RUN_EVENT_TYPES.has(event?.type ?? '') ? (parsed as JournalRecord) : undefined;
}

function ofToday(record: unknown, version: number): unknown {
  const raw = rawRecordSchema.safeParse(record);
  return raw.success ? { ...raw.data, event: migrated(raw.data.event, version) } : record;
}

/**
 * Whether a whole batch begins anywhere after `offset`: then damage before it is no torn tail. Looks for a batch's first
 * words, which no event can hold, rather than for lines: the line end may be what is damaged.
 */
export function hasBatchAfter(window: Window, offset: number): boolean {
  const words = '{"batch":';
  for (let at = window.indexOf(words, offset + 1); at !== undefined; at = window.indexOf(words, at + 1)) {
    if (batchAt(window, at)) return true;
  }
  return false;
}

const MEND = 'Restore the file from a backup, cut it there ("claude-orchestrator repair RUN"), or discard the run.';

/** The error for a journal that can't be read on from a byte. */
export function damaged(file: string, offset: number): OrchestratorError {
  return new OrchestratorError(
    'journal-damaged',
    `The journal ${file} is damaged at byte ${offset}, before events that rest on it.`,
    { fix: MEND },
  );
}

/** The error for events that are missing, doubled or in another order than they were written. */
export function misplaced(file: string, offset: number, seq: number, expected: number): OrchestratorError {
  return new OrchestratorError(
    'journal-damaged',
    `The journal ${file} holds event ${seq} at byte ${offset}, where event ${expected} belongs.`,
    { fix: MEND },
  );
}

function unknownEvent(file: string, offset: number): OrchestratorError {
  return newer(`The journal ${file} holds an event at byte ${offset}`);
}

function newer(what: string): OrchestratorError {
  return new OrchestratorError('journal-newer', `${what} that this version does not know.`, {
    fix: 'It was perhaps written by a newer version: use that one.',
  });
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** First 16 hex digits of SHA-256: it guards against torn writes, not against people. */
export function checksum(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}
