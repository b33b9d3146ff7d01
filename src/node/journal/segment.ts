import { createHash } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod';
import { processIdentitySchema } from '../../core/model/attempt-files.ts';
import { OrchestratorError } from '../../core/model/error.ts';
import { type JournalRecord, journalRecordSchema } from '../../core/model/events.ts';

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

export const segmentFile = (folder: string, epoch: number): string =>
  join(folder, `${String(epoch).padStart(6, '0')}.ndjson`);

/** Bytes of one batch, ready to be written. */
export function encodeBatch(records: readonly JournalRecord[]): Buffer {
  const body = Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''), 'utf8');
  const line = `${JSON.stringify({ batch: { bytes: body.length, sum: checksum(body) } })}\n`;
  return Buffer.concat([Buffer.from(line, 'utf8'), body]);
}

export interface DecodedSegment {
  readonly header: SegmentHeader;
  readonly records: readonly JournalRecord[];
  /** Bytes up to the end of the last whole batch. */
  readonly validBytes: number;
  /** Whether something follows that is no whole batch. */
  readonly damagedTail: boolean;
}

/**
 * Decodes a segment up to its first damage, or to `limit` bytes (its seal). Returns undefined when not even the header
 * is whole. Throws `journal-damaged` when the seal lies behind the end, or when a batch is whole but says something that
 * this version does not know. `file` is for the message.
 */
export function decodeSegment(file: string, bytes: Buffer, limit = bytes.length): DecodedSegment | undefined {
  if (limit > bytes.length) throw damaged(file, bytes.length);
  const end = Math.min(limit, bytes.length);
  const first = lineAt(bytes, 0, end);
  const header = first && segmentHeaderSchema.safeParse(parseJson(first.text));
  if (!first || !header?.success) return undefined;
  const records: JournalRecord[] = [];
  let offset = first.next;
  while (offset < end) {
    const batch = batchAt(bytes, offset, end);
    if (!batch) return { header: header.data, records, validBytes: offset, damagedTail: true };
    for (const line of batch.body.split('\n')) {
      if (line === '') continue;
      const record = journalRecordSchema.safeParse(parseJson(line));
      if (!record.success) throw unknownEvent(file, offset);
      records.push(record.data);
    }
    offset = batch.next;
  }
  return { header: header.data, records, validBytes: offset, damagedTail: false };
}

/**
 * Whether a whole batch begins anywhere after `offset`: then damage before it is no torn tail. Looks for a batch's first
 * words, which no event can hold, rather than for lines: the line end may be what is damaged.
 */
export function hasBatchAfter(bytes: Buffer, offset: number): boolean {
  const words = '{"batch":';
  for (let at = bytes.indexOf(words, offset + 1); at >= 0; at = bytes.indexOf(words, at + 1)) {
    if (batchAt(bytes, at, bytes.length)) return true;
  }
  return false;
}

function batchAt(bytes: Buffer, offset: number, end: number): { body: string; next: number } | undefined {
  const line = lineAt(bytes, offset, end);
  const head = line && batchLineSchema.safeParse(parseJson(line.text));
  if (!line || !head?.success) return undefined;
  const next = line.next + head.data.batch.bytes;
  if (next > end) return undefined;
  const body = bytes.subarray(line.next, next);
  return checksum(body) === head.data.batch.sum ? { body: body.toString('utf8'), next } : undefined;
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

function lineAt(bytes: Buffer, offset: number, end: number): { text: string; next: number } | undefined {
  const newline = bytes.indexOf('\n', offset);
  if (newline < 0 || newline >= end) return undefined;
  return { text: bytes.subarray(offset, newline).toString('utf8'), next: newline + 1 };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** First 16 hex digits of SHA-256: it guards against torn writes, not against people. */
function checksum(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}
