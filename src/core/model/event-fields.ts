import * as z from 'zod';

/** Id of an attempt, unique in its run. */
export const attemptId = z.string();
/** Object name in full. */
export const commit = z.string().regex(/^[0-9a-f]{40,64}$/);
/** Byte range of `stream.ndjson` that an event was read from, end exclusive: reading it twice changes nothing. */
export const bytes = z.strictObject({ from: z.int().min(0), to: z.int().min(0) });
/** A path that differs from the base, and how. */
export const changedFileSchema = z.strictObject({ path: z.string(), change: z.enum(['added', 'modified', 'deleted']) });
/** What was left out of a capture, as it was too large. */
export const oversizedSchema = z.strictObject({
  totalBytes: z.number(),
  files: z.array(z.strictObject({ path: z.string(), bytes: z.number() })),
});

export type ChangedFile = z.infer<typeof changedFileSchema>;

/** A `Budget`. */
export const budgetSchema = z.strictObject({
  usd: z.number().min(0),
  tokens: z.number().min(0),
  ms: z.number().min(0),
});
