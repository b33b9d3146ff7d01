// See `attempt-files.ts`: the viewer of a worker reads them too.
import * as z from 'zod/mini';

/**
 * The frames of `claude --output-format stream-json` that the orchestrator reads. The CLI moves fast: unknown frames
 * and fields are ignored, and nothing is decided by a message's text where a field exists.
 */
const modelUsageSchema = z.object({
  inputTokens: z.catch(z.number(), 0),
  outputTokens: z.catch(z.number(), 0),
  cacheReadInputTokens: z.catch(z.number(), 0),
  cacheCreationInputTokens: z.catch(z.number(), 0),
  costUSD: z.catch(z.number(), 0),
});

const toolUseSchema = z.object({
  type: z.literal('tool_use'),
  id: z.string(),
  name: z.string(),
  input: z.catch(z.record(z.string(), z.unknown()), {}),
});
const textSchema = z.object({ type: z.literal('text'), text: z.string() });
const contentSchema = z.array(z.union([toolUseSchema, textSchema, z.object({ type: z.string() })]));

const messageUsageSchema = z.object({
  input_tokens: z.catch(z.number(), 0),
  cache_creation_input_tokens: z.catch(z.number(), 0),
  output_tokens: z.catch(z.number(), 0),
});

const initFrameSchema = z.object({
  type: z.literal('system'),
  subtype: z.literal('init'),
  session_id: z.string(),
  model: z.catch(z.string(), ''),
  claude_code_version: z.catch(z.string(), ''),
});
const retryFrameSchema = z.object({
  type: z.literal('system'),
  subtype: z.literal('api_retry'),
  attempt: z.number(),
  error_status: z.catch(z.nullable(z.number()), null),
  error: z.catch(z.string(), 'unknown'),
});
/** Only on subscriptions. */
const limitFrameSchema = z.object({
  type: z.literal('rate_limit_event'),
  rate_limit_info: z.object({
    /** `rejected`: nothing is answered before `resetsAt`. */
    status: z.string(),
    /** Seconds since 1970. */
    resetsAt: z.optional(z.number()),
  }),
});
const assistantFrameSchema = z.object({
  type: z.literal('assistant'),
  uuid: z.optional(z.string()),
  message: z.object({
    id: z.catch(z.string(), ''),
    model: z.catch(z.string(), ''),
    content: contentSchema,
    /** So far: the last frame of a message has most of it. */
    usage: z.catch(z.optional(messageUsageSchema), undefined),
  }),
  error: z.optional(z.string()),
});
const userFrameSchema = z.object({
  type: z.literal('user'),
  message: z.object({ content: z.union([z.string(), z.array(z.looseObject({ type: z.string() }))]) }),
});
const resultFrameSchema = z.object({
  type: z.literal('result'),
  subtype: z.string(),
  is_error: z.boolean(),
  session_id: z.catch(z.string(), ''),
  num_turns: z.catch(z.number(), 0),
  duration_ms: z.catch(z.number(), 0),
  result: z.catch(z.optional(z.string()), undefined),
  structured_output: z.optional(z.unknown()),
  /** Cumulative over the session, so the last value counts. */
  total_cost_usd: z.catch(z.number(), 0),
  modelUsage: z.catch(z.record(z.string(), modelUsageSchema), {}),
  api_error_status: z.catch(z.optional(z.nullable(z.number())), null),
  terminal_reason: z.catch(z.optional(z.nullable(z.string())), null),
  errors: z.catch(z.optional(z.array(z.unknown())), undefined),
});
const permissionFrameSchema = z.object({
  type: z.literal('control_request'),
  request_id: z.string(),
  request: z.object({
    subtype: z.literal('can_use_tool'),
    tool_name: z.string(),
    input: z.record(z.string(), z.unknown()),
    description: z.catch(z.optional(z.string()), undefined),
    tool_use_id: z.catch(z.optional(z.string()), undefined),
    decision_reason: z.catch(z.optional(z.string()), undefined),
    /** `safetyCheck` and `workingDir`: the CLI found something about this very call; `rule`: a setting says to ask. */
    decision_reason_type: z.catch(z.optional(z.string()), undefined),
  }),
});

export const frameSchema = z.union([
  initFrameSchema,
  retryFrameSchema,
  limitFrameSchema,
  assistantFrameSchema,
  userFrameSchema,
  resultFrameSchema,
  permissionFrameSchema,
]);

export type AssistantFrame = z.infer<typeof assistantFrameSchema>;
export type ResultFrame = z.infer<typeof resultFrameSchema>;
export type PermissionFrame = z.infer<typeof permissionFrameSchema>;
export type Frame = z.infer<typeof frameSchema>;
export type ToolUse = z.infer<typeof toolUseSchema>;

/** A line of the stream as a frame; undefined for a line that is no JSON or no frame that matters here. */
export function parseFrame(line: string): Frame | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const parsed = frameSchema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

/** Tool calls of an assistant frame. */
export function toolUses(frame: AssistantFrame): ToolUse[] {
  return frame.message.content.filter((block): block is ToolUse => block.type === 'tool_use' && 'name' in block);
}

/** Text of an assistant frame, blocks joined by line ends. */
export function textOf(frame: AssistantFrame): string {
  return frame.message.content
    .flatMap((block) => (block.type === 'text' && 'text' in block ? [block.text] : []))
    .join('\n');
}
