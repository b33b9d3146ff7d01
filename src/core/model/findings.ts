import * as z from 'zod';

export const severitySchema = z.enum(['error', 'warning', 'info']);
export const criterionSchema = z.enum([
  'correctness',
  'completeness',
  'quality',
  'security',
  'performance',
  'format',
  'tests',
  'documentation',
  'dependencies',
  'syntax',
]);
export const languageSchema = z.enum(['javascript', 'jsx', 'typescript', 'tsx', 'json', 'jsonc', 'yaml', 'python']);

/** Zero-based line and character (UTF-16 code units), end exclusive. */
const positionSchema = z.strictObject({ line: z.int().min(0), character: z.int().min(0) });
export const rangeSchema = z.strictObject({ start: positionSchema, end: positionSchema });

export const findingSchema = z.strictObject({
  rule: z.string(),
  criterion: criterionSchema,
  severity: severitySchema,
  message: z.string(),
  range: rangeSchema,
});

export const fileReportSchema = z.strictObject({
  path: z.string(),
  /** null: no validator knows this kind of file. */
  language: languageSchema.nullable(),
  status: z.enum(['passed', 'failed', 'skipped']),
  findings: z.array(findingSchema),
});

export const validationReportSchema = z.strictObject({
  files: z.array(fileReportSchema),
  summary: z.strictObject({
    level: z.literal('basic'),
    files: z.int(),
    passed: z.int(),
    failed: z.int(),
    skipped: z.int(),
    errors: z.int(),
    warnings: z.int(),
  }),
});

/** What was run, what came out, and on which git tree. Evidence about another tree is stale. */
export const evidenceSchema = z.strictObject({
  check: z.string(),
  tree: z.string(),
  outcome: z.enum(['passed', 'failed']),
  durationMs: z.number(),
  /** Of the project's own checks. */
  command: z.array(z.string()).optional(),
  exitCode: z.int().nullable().optional(),
  /** It failed on this tree first, and passed when it was run once more. */
  flaky: z.literal(true).optional(),
  /** It was found in the repository and failed before this result too, so it did not decide. */
  known: z.literal(true).optional(),
});

export type Severity = z.infer<typeof severitySchema>;
export type Language = z.infer<typeof languageSchema>;
export type Range = z.infer<typeof rangeSchema>;
export type Finding = z.infer<typeof findingSchema>;
export type FileReport = z.infer<typeof fileReportSchema>;
export type ValidationReport = z.infer<typeof validationReportSchema>;
export type Evidence = z.infer<typeof evidenceSchema>;
