import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { JournalRecord } from '../../core/model/events.ts';

/** Big payloads of events, each in a file of its own that is named after its content. */
export interface Artefacts {
  /** Resolves when the bytes are durable under this name. */
  put(sha256: string, bytes: Buffer): Promise<void>;
  /** What lies under a name, not verified; undefined when there is nothing. */
  get(sha256: string): Buffer | undefined;
}

/** A text or list that takes more characters than this as JSON is not written into the journal itself. */
const MAX_LENGTH = 16_384;

/** What stands in the journal for a text or a list that lies in an artefact. */
const referenceSchema = z.strictObject({
  $artefact: z.strictObject({
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    bytes: z.int(),
    holds: z.enum(['text', 'list']),
  }),
});
const MARK = '"$artefact"';

/** A run can't go on without what these say, so they stay in the journal whole. */
const MOVABLE = /^(attempt|integration|permission|check|apply)\./;

/**
 * A record as a line of JSON. Texts and lists of outcomes that are large are given to `put` and referred to by their
 * content.
 */
export function lineOf(record: JournalRecord, put: (sha256: string, bytes: Buffer) => void): string {
  const line = JSON.stringify(record);
  if (line.length <= MAX_LENGTH || !MOVABLE.test(record.event.type)) return line;
  return JSON.stringify({ ...record, event: withoutLarge(record.event, put) });
}

function withoutLarge(value: unknown, put: (sha256: string, bytes: Buffer) => void): unknown {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutLarge(inner, put)]));
  if (typeof value !== 'string' && !Array.isArray(value)) return value;
  const small = Array.isArray(value) ? value.map((item) => withoutLarge(item, put)) : value;
  const text = JSON.stringify(small);
  if (text.length <= MAX_LENGTH) return small;
  const bytes = Buffer.from(text, 'utf8');
  const sha256 = digest(bytes);
  put(sha256, bytes);
  return { $artefact: { sha256, bytes: bytes.length, holds: Array.isArray(value) ? 'list' : 'text' } };
}

/**
 * The JSON of a line with what lies in artefacts. One that is missing or damaged is told to `warn`, and a text that says
 * so or an empty list stands in its place.
 */
export function parseLine(line: string, artefacts: Artefacts, warn: (problem: string) => void): unknown {
  const parsed: unknown = JSON.parse(line);
  return line.includes(MARK) ? withArtefacts(parsed, artefacts, warn) : parsed;
}

function withArtefacts(value: unknown, artefacts: Artefacts, warn: (problem: string) => void): unknown {
  if (Array.isArray(value)) return value.map((item) => withArtefacts(item, artefacts, warn));
  if (typeof value !== 'object' || value === null) return value;
  const reference = referenceSchema.safeParse(value);
  if (!reference.success) {
    const entries = Object.entries(value).map(([key, inner]) => [key, withArtefacts(inner, artefacts, warn)]);
    return Object.fromEntries(entries);
  }
  const { sha256, holds } = reference.data.$artefact;
  const bytes = artefacts.get(sha256);
  if (bytes && digest(bytes) === sha256) return withArtefacts(JSON.parse(bytes.toString('utf8')), artefacts, warn);
  const problem = `The artefact ${sha256} of the journal is ${bytes ? 'damaged' : 'missing'}: what it held is not shown.`;
  warn(problem);
  return holds === 'list' ? [] : problem;
}

const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
