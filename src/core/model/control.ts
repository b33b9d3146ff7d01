import * as z from 'zod';
import { graphChangeSchema } from './graph-change.ts';

/** What a person may ask of a run, from whichever window or terminal. */
export const controlOrderSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('pause') }),
  z.strictObject({ type: z.literal('unpause') }),
  z.strictObject({ type: z.literal('cancel') }),
  /**
   * An answer to a question of the run: `plan`, as of this version of it, or the request of a worker's question. Denied
   * means for a plan that the run ends.
   */
  z.strictObject({
    type: z.literal('answer'),
    question: z.string(),
    allow: z.boolean(),
    planVersion: z.int().optional(),
  }),
  z.strictObject({ type: z.literal('change'), change: graphChangeSchema }),
]);

/**
 * A line of a run's `control.ndjson`, to which any process of the person may append. Whoever drives the run obeys each
 * id once and says in the journal what came of it.
 */
export const controlRequestSchema = z.strictObject({
  version: z.literal(1),
  id: z.string().min(1).max(64),
  /** Wall clock, milliseconds since 1970. */
  at: z.number(),
  /** Who asks, for a person. */
  by: z.string().max(200),
  order: controlOrderSchema,
});

/** What came of a request. */
export const controlAnswerSchema = z.strictObject({
  outcome: z.enum(['accepted', 'refused']),
  /** Why it was refused, or what is worth knowing. */
  reason: z.string(),
});

/** What a worker is told whose wish a person denied. */
export const DENIED = 'The person denied it.';

export type ControlOrder = z.infer<typeof controlOrderSchema>;
export type ControlRequest = z.infer<typeof controlRequestSchema>;
export type ControlAnswer = z.infer<typeof controlAnswerSchema>;
