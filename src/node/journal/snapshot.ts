import { deserialize, serialize } from 'node:v8';
import * as z from 'zod';
import type { Part } from './chain.ts';
import type { SegmentFiles } from './files.ts';
import { checksum, parseJson } from './segment.ts';

const positionSchema = z.object({ epoch: z.int().min(1), offset: z.int().min(0) });

/** A place between two batches. */
export type Position = z.infer<typeof positionSchema>;

/**
 * A snapshot is a line of JSON and then an image of the state in the serialisation of V8, which carries maps, sets and
 * references as they are. A cache: whatever is wrong with it, the journal is read from its beginning instead.
 */
const headSchema = z.object({
  snapshot: z.literal(1),
  /** What it was folded by, see `Folding.version`. */
  fold: z.string(),
  /** Number of the last event that is in the image. */
  seq: z.int().min(1),
  /** From where on there may be events that are not, and the number of the last one before. */
  position: positionSchema,
  positionSeq: z.int().min(0),
  /** Where the events that are in the image end, or later. */
  until: z.int().min(0),
  bytes: z.int().min(1),
  sum: z.string(),
});

export type SnapshotHead = Omit<z.infer<typeof headSchema>, 'snapshot' | 'bytes' | 'sum'>;

/** An image as it is now, as bytes. Throws for one that is no plain data. */
export const imageBytes = (image: unknown): Buffer => serialize(image);

/** The bytes of a snapshot with this image in it. */
export function encodeSnapshot(head: SnapshotHead, body: Buffer): Buffer {
  const line = JSON.stringify({ snapshot: 1, ...head, bytes: body.length, sum: checksum(body) });
  return Buffer.concat([Buffer.from(`${line}\n`, 'utf8'), body]);
}

export interface ReadSnapshot {
  readonly found: (SnapshotHead & { readonly image: unknown }) | undefined;
  /** Why the one that is there is left out. */
  readonly problem: string | undefined;
}

/** The last snapshot of a journal, if it fits the segments that count and the fold that is to go on from it. */
export function readSnapshot(files: SegmentFiles, version: string, parts: readonly Part[]): ReadSnapshot | undefined {
  const bytes = files.snapshot();
  if (!bytes) return undefined;
  const end = bytes.indexOf('\n');
  const head = headSchema.safeParse(parseJson(bytes.toString('utf8', 0, Math.max(end, 0))));
  const body = bytes.subarray(end + 1);
  if (!head.success || body.length !== head.data.bytes || checksum(body) !== head.data.sum)
    return leftOut('is damaged');
  const { fold, position, until } = head.data;
  if (fold !== version) return leftOut('was made by another version');
  const part = parts.find(({ epoch }) => epoch === position.epoch);
  if (!part || until > (part.seal ?? files.size(part.epoch)) || position.offset < part.from)
    return leftOut('is of events that do not count');
  try {
    return { found: { ...head.data, image: deserialize(body) }, problem: undefined };
  } catch {
    return leftOut('can not be read by this version');
  }
}

const leftOut = (why: string): ReadSnapshot => ({
  found: undefined,
  problem: `The snapshot of the journal ${why} and is left out; the whole journal is read.`,
});
