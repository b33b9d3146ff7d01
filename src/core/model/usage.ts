import * as z from 'zod';

/** What a session has used so far. */
export const usageSchema = z.strictObject({
  costUsd: z.number(),
  /** All that went in, read from the prompt cache or not. */
  inputTokens: z.number(),
  /** Those of them that were read from the prompt cache. */
  cacheReadTokens: z.number().optional(),
  outputTokens: z.number(),
});

export type Usage = z.infer<typeof usageSchema>;
