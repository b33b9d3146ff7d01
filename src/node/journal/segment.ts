import { createHash } from 'node:crypto';
import * as z from 'zod';
import { processIdentitySchema } from '../../core/model/attempt-files.ts';
import { OrchestratorError } from '../../core/model/error.ts';
import { type JournalRecord, journalRecordSchema } from '../../core/model/events.ts';
import type { SegmentFiles } from './files.ts';
import { Window } from './window.ts';

/**
 * A journal is a folder of segments, one for each owner (epoch) of the run. A segment's first line says who owns it and
 * seals the segment before: what a zombie writes there after that byte does not count. Then come batches: a line with
 * the length in bytes and the checksum of what follows, then that many bytes of events, one a line.
 */
export const segmentHeaderSchema = z.object({
  segment: z.literal(1),
  epoch: z.int().min(1),
  owner: processIdentitySchema,
  createdAt: z.number(),
  seals: z.object({ epoch: z.int().min(1), offset: z.int().min(0) }).nullable(),
});
const batchLineSchema = z.object({ batch: z.object({ bytes: z.int().min(1), sum: z.string() }) });

export type SegmentHeader = z.infer<typeof segmentHeaderSchema>;

/** Longest first line of a segment, and of a batch. */
const HEADER_BYTES = 4_096;
const BATCH_LINE_BYTES = 128;

/** Bytes of one batch, ready to be written. */
export function encodeBatch(records: readonly JournalRecord[]): Buffer {
  let lines = '';
  for (const record of records) lines += `${JSON.stringify(record)}\n`;
  const body = Buffer.from(lines, 'utf8');
  const line = `${JSON.stringify({ batch: { bytes: body.length, sum: checksum(body) } })}\n`;
  return Buffer.concat([Buffer.from(line, 'utf8'), body]);
}

/** The header of a segment and where it ends; undefined when it is not whole. */
export function headerOf(files: SegmentFiles, epoch: number): { header: SegmentHeader; end: number } | undefined {
  const line = new Window(files, epoch, Math.min(files.size(epoch), HEADER_BYTES)).line(0, HEADER_BYTES);
  const header = line && segmentHeaderSchema.safeParse(parseJson(line.text));
  return line && header?.success ? { header: header.data, end: line.next } : undefined;
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
  const head = line && batchLineSchema.safeParse(parseJson(line.text));
  if (!line || !head?.success) return undefined;
  const { bytes, sum } = head.data.batch;
  const next = line.next + bytes;
  if (next > window.end) return undefined;
  const body = window.bytes(line.next, bytes);
  return checksum(body) === sum ? { offset, sum, body: body.toString('utf8'), next } : undefined;
}

/** The events of a batch. Throws `journal-damaged` for one that this version does not know; `file` is for the message. */
export function recordsOf({ body, offset }: Batch, file: string): JournalRecord[] {
  const records: JournalRecord[] = [];
  for (const line of body.split('\n')) {
    if (line === '') continue;
    const record = journalRecordSchema.safeParse(parseJson(line));
    if (!record.success) throw unknownEvent(file, offset);
    records.push(record.data);
  }
  return records;
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

/** The error for a journal that can't be read on from a byte. */
export function damaged(file: string, offset: number): OrchestratorError {
  return new OrchestratorError(
    'journal-damaged',
    `The journal ${file} is damaged at byte ${offset}, before events that rest on it.`,
    { fix: 'Restore the file from a backup, or discard the run.' },
  );
}

function unknownEvent(file: string, offset: number): OrchestratorError {
  return new OrchestratorError(
    'journal-damaged',
    `The journal ${file} holds an event at byte ${offset} that this version does not know.`,
    { fix: 'It was perhaps written by a newer version: use that one.' },
  );
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
