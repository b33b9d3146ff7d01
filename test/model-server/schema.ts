import { z } from 'zod';

const count = z.number().int().min(0);
const oneOrMany = <T extends z.ZodType>(item: T) => z.union([item, z.array(item)]);

const largeText = z.strictObject({ repeat: z.string(), times: z.number().int().min(1) });
const text = z.union([z.string(), largeText], { error: 'expected a string, or {repeat, times} for a large text' });

const pattern = z.union([z.string(), z.array(z.string())], {
  error: 'expected a string, a "/regular expression/" or a list of these (any of which may match)',
});
const label = z.union([z.string(), z.number().transform(String), z.array(z.string())], {
  error: 'expected a word, a "/regular expression/" or a list of these (any of which may match)',
});
const quantityHint = 'expected a whole number, a bound such as ">= 2", or a list of these (any of which may match)';
const bound = z.union([count, z.string().regex(/^\s*(>=|<=|>|<)\s*\d+\s*$/, { error: quantityHint })]);
const quantity = z.union([bound, z.array(bound)], { error: quantityHint });

/** What a request must look like for a rule to apply; every condition given must hold. */
export const whenSchema = z.strictObject({
  role: label.optional(),
  subtask: label.optional(),
  attempt: quantity.optional(),
  turn: quantity.optional(),
  userTurn: quantity.optional(),
  prompt: pattern.optional(),
  system: pattern.optional(),
  model: label.optional(),
  offers: label.optional(),
  lastTool: label.optional(),
  lastToolError: z.boolean().optional(),
  toolResult: pattern.optional(),
  subagent: z.boolean().optional(),
  streamed: z.boolean().optional(),
  nth: quantity.optional(),
});

const httpError = z.strictObject({
  status: z.number().int().min(400).max(599),
  type: z.string().optional(),
  message: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
});

/** One answer of the model, to one request. */
export const stepSchema = z.strictObject({
  text: text.optional(),
  read: oneOrMany(z.string()).optional(),
  write: z.record(z.string(), text).optional(),
  overwrite: z.record(z.string(), text).optional(),
  edit: oneOrMany(
    z.strictObject({ path: z.string(), old: z.string(), new: z.string(), all: z.boolean().optional() }),
  ).optional(),
  bash: oneOrMany(z.string()).optional(),
  tools: z.array(z.strictObject({ name: z.string(), input: z.record(z.string(), z.unknown()).optional() })).optional(),
  structured: z.record(z.string(), z.unknown()).optional(),
  usage: z
    .strictObject({
      input: count.optional(),
      output: count.optional(),
      cacheRead: count.optional(),
      cacheWrite: count.optional(),
    })
    .optional(),
  stopReason: z.enum(['end_turn', 'tool_use', 'max_tokens', 'refusal', 'stop_sequence']).optional(),
  gate: z.string().optional(),
  latencyMs: count.optional(),
  streamMs: count.optional(),
  chunk: z.number().int().min(1).optional(),
  error: httpError.optional(),
  drop: z.enum(['before', 'during']).optional(),
  malformed: z.literal(true).optional(),
  hang: z.literal(true).optional(),
});

const asStep = (value: unknown): unknown => (typeof value === 'string' ? { text: value } : value);
const asSteps = (value: unknown): unknown => (Array.isArray(value) ? value.map(asStep) : [asStep(value)]);

const ruleSchema = z.strictObject({
  name: z.string().min(1),
  when: whenSchema.default({}),
  answer: z.preprocess(asSteps, z.array(stepSchema).min(1)),
});

export const scenarioSchema = z.strictObject({
  name: z.string().optional(),
  rules: z.array(ruleSchema).min(1),
});

export type Step = z.output<typeof stepSchema>;
export type StepInput = z.input<typeof stepSchema>;
export type When = z.output<typeof whenSchema>;
export type Rule = z.output<typeof ruleSchema>;
export type Scenario = z.output<typeof scenarioSchema>;

/** A rule as a test writes it: `answer` may be one step, a list of them, or a plain string for a text. */
export interface RuleInput {
  readonly name: string;
  readonly when?: z.input<typeof whenSchema>;
  readonly answer: string | StepInput | readonly (string | StepInput)[];
}

/** A scenario as a test writes it. Rules are tried in order; the first whose `when` holds answers. */
export interface ScenarioInput {
  readonly name?: string;
  readonly rules: readonly RuleInput[];
}
