import * as z from 'zod';

/** Subtask ids become parts of git refs and folder names, so they are plain. */
export const subtaskIdSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    'use 1 to 64 letters, digits, ".", "_" or "-", starting with a letter or digit',
  )
  .refine(
    (id) => !id.includes('..') && !id.endsWith('.') && !id.endsWith('.lock'),
    'must not contain ".." or end in "." or ".lock"',
  );

const limits = {
  /** US dollars. */
  usd: z.number().positive().optional(),
  /** As `tokensOf` counts them. */
  tokens: z.int().positive().optional(),
  /** Working time. */
  minutes: z.number().positive().max(10_080).optional(),
};

/** Limits of one subtask, over all its attempts together; what is not named is limited by the run alone. */
const subtaskBudgetSchema = z.strictObject({
  ...limits,
  /** Of each of its attempts, below what the run's settings say. */
  attempt: z.strictObject(limits).optional(),
});

export const subtaskSchema = z.strictObject({
  id: subtaskIdSchema,
  title: z.string().trim().min(1).max(200),
  /** What the worker is told to do. */
  instructions: z.string().trim().min(1).max(100_000),
  /** Ids of the subtasks whose integrated results this one builds on. */
  dependsOn: z.array(subtaskIdSchema).default([]),
  /** Globs of the files it may write, relative to the repository. Empty: exclusive, nothing runs beside it. */
  scope: z.array(z.string().min(1).max(500)).default([]),
  /** Files that must exist in its result, relative to the repository. */
  produces: z.array(z.string().min(1).max(500)).default([]),
  /**
   * Globs of the files that its result rests on besides those of its dependencies: an earlier result holds as long as
   * these are the same. Left out: every file of the repository.
   */
  inputs: z.array(z.string().min(1).max(500)).optional(),
  /** Expected wall time of a worker, in seconds. */
  estimate: z.strictObject({ seconds: z.number().positive().max(86_400) }).optional(),
  /** The person's word on what goes first where nothing else tells two apart: 10 before 1, 5 where it is not said. */
  priority: z.int().min(1).max(10).optional(),
  /** Limits over all its attempts. */
  budget: subtaskBudgetSchema.optional(),
});

export const planSchema = z.strictObject({
  version: z.literal(1),
  title: z.string().trim().min(1).max(200),
  subtasks: z.array(subtaskSchema).min(1),
});

export type Subtask = z.infer<typeof subtaskSchema>;
export type Plan = z.infer<typeof planSchema>;
export type SubtaskBudget = z.infer<typeof subtaskBudgetSchema>;
export type Limits = Omit<SubtaskBudget, 'attempt'>;
