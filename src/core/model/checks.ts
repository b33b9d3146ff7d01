import * as z from 'zod';

/** A command of the project that must succeed on a merged tree before it counts as integrated. */
export const configuredCheckSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[^\s\p{C}][^\p{C}]{0,59}$/u, 'use 1 to 60 characters that can be printed')
    .describe('What the check is called.'),
  /** The program and its arguments; no shell reads them. */
  command: z
    .array(z.string().min(1).max(10_000))
    .min(1)
    .max(200)
    .describe('The program and its arguments, each a text of its own; no shell reads them.'),
  timeoutSeconds: z
    .number()
    .positive()
    .max(86_400)
    .default(600)
    .describe('How long it may take, in seconds; then it has failed.'),
});

export const checkSchema = configuredCheckSchema.extend({
  /** Found in the repository, not configured: it may not get worse, but need not pass where it failed before. */
  detected: z.literal(true).optional(),
});

/** Checks whose names tell them apart. */
export const listOf = <T extends z.ZodType<{ name: string }>>(check: T) =>
  z
    .array(check)
    .max(50)
    .refine((checks) => new Set(checks.map(({ name }) => name)).size === checks.length, 'each needs a name of its own');

export const checkOutcomeSchema = z.enum(['passed', 'failed', 'timed-out', 'not-started']);

export type Check = z.infer<typeof checkSchema>;
/** `not-started` says nothing about the tree: the program could not be run. */
export type CheckOutcome = z.infer<typeof checkOutcomeSchema>;

/** What is known of one check on one tree. */
export interface CheckEvidence {
  readonly check: string;
  readonly command: readonly string[];
  readonly commit: string;
  readonly tree: string;
  readonly outcome: CheckOutcome;
  /** null: a signal ended it, or it never ran. */
  readonly exitCode: number | null;
  readonly durationMs: number;
  /** End of its output, redacted. */
  readonly tail: string;
  /** How often it was run on this tree. */
  readonly runs: number;
  /** It failed on this tree before it passed. */
  readonly flaky: boolean;
}

/** How a check fared over the whole run. */
export interface CheckSummary {
  readonly last: CheckEvidence;
  readonly at: number;
  /** Trees on which it passed, and on which it failed first and passed then. */
  readonly passed: number;
  readonly flaky: number;
  /** It failed before the last result that was integrated, and with it; it did not decide. */
  readonly known: boolean;
}
