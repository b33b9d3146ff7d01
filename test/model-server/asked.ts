import { z } from 'zod';

const blockSchema = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  id: z.string().optional(),
  name: z.string().optional(),
  tool_use_id: z.string().optional(),
  is_error: z.boolean().optional(),
  content: z.unknown().optional(),
});
type Block = z.output<typeof blockSchema>;
const contentSchema = z.union([
  z.string().transform((text): Block[] => [{ type: 'text', text }]),
  z.array(blockSchema),
]);

/** The parts of a Messages API request that scenarios can match on; everything else is kept but not looked at. */
export const messagesRequestSchema = z.looseObject({
  model: z.string(),
  system: contentSchema.optional(),
  messages: z.array(z.looseObject({ role: z.string(), content: contentSchema })),
  tools: z.array(z.looseObject({ name: z.string().optional() })).optional(),
  stream: z.boolean().optional(),
});
type MessagesRequest = z.output<typeof messagesRequestSchema>;

/** What one request asked, in the words scenarios use. */
export interface Asked {
  /** From our marker in the system prompt; `other` without one. */
  readonly role: string;
  readonly subtask: string | undefined;
  readonly attempt: number | undefined;
  /** 1 for the first request of a conversation: the assistant messages already in it, plus one. */
  readonly turn: number;
  /** How many prompts (not tool results) a person or our product has sent so far. */
  readonly userTurn: number;
  /** The last of those prompts, without the reminders that the CLI adds. */
  readonly prompt: string;
  readonly system: string;
  readonly model: string;
  readonly tools: readonly string[];
  readonly cwd: string | undefined;
  /** The tools whose results end the conversation, in order; empty when it ends with a prompt. */
  readonly lastTools: readonly string[];
  /** Whether one of those results is an error; undefined when there are none. */
  readonly lastToolError: boolean | undefined;
  readonly toolResult: string | undefined;
  /** False when the CLI asks again for one plain JSON answer, as it does after a broken stream. */
  readonly streamed: boolean;
}

const marker = /\[claude-orchestrator((?: \w+=[^\s\]]+)+)\]/;
/** In a resumed session that goes on elsewhere the CLI says so at its end. */
const workingDirectory = /^\s*-?\s*(?:Primary working|Working) directory:\s*(.+?)(?: \(was [^\n]+\))?\s*$/gim;

/** The `key=value` pairs of our marker line, e.g. `[claude-orchestrator role=worker subtask=api attempt=1]`. */
function markedIn(text: string): ReadonlyMap<string, string> | undefined {
  const pairs = marker.exec(text)?.[1];
  if (pairs === undefined) return undefined;
  return new Map([...pairs.matchAll(/(\w+)=(\S+)/g)].map(([, key, value]) => [key ?? '', value ?? '']));
}

const textOf = (blocks: readonly Block[]): string => blocks.map((block) => block.text ?? '').join('\n');

function resultText(block: Block): string {
  const parsed = contentSchema.safeParse(block.content);
  return parsed.success ? textOf(parsed.data) : '';
}

/** Text that the CLI adds to user messages by itself. */
const isAdded = (text: string): boolean => /^\s*(<system-reminder>|\[Request interrupted by user)/.test(text);

/**
 * The prompt in a user message, or undefined when it only carries tool results and additions of the CLI. After
 * structured output a prompt shares its message with that tool's result.
 */
function promptIn(blocks: readonly Block[]): string | undefined {
  const said = blocks.filter((block) => block.type === 'text' && !isAdded(block.text ?? ''));
  return said.length === 0 ? undefined : textOf(said);
}

/** Reads a request the way a scenario sees it. */
export function readAsked(request: MessagesRequest): Asked {
  const users = request.messages.filter((message) => message.role === 'user');
  const assistants = request.messages.filter((message) => message.role === 'assistant');
  const system = [
    textOf(request.system ?? []),
    ...request.messages.filter((message) => message.role === 'system').map((message) => textOf(message.content)),
  ].join('\n');
  const userText = users.map((user) => textOf(user.content)).join('\n');
  const marked = markedIn(system) ?? markedIn(userText);
  const attempt = marked?.get('attempt');
  const prompts = users.map((user) => promptIn(user.content)).filter((prompt) => prompt !== undefined);
  const last = users.at(-1)?.content ?? [];
  const results = promptIn(last) === undefined ? last.filter((block) => block.type === 'tool_result') : [];
  const names = new Map(assistants.flatMap((message) => message.content.map((block) => [block.id, block.name])));
  return {
    role: marked?.get('role') ?? 'other',
    subtask: marked?.get('subtask'),
    attempt: attempt === undefined ? undefined : Number(attempt),
    turn: assistants.length + 1,
    userTurn: prompts.length,
    prompt: prompts.at(-1) ?? '',
    system,
    model: request.model,
    tools: (request.tools ?? []).map((tool) => tool.name ?? 'unnamed'),
    cwd: ([...system.matchAll(workingDirectory)].at(-1) ?? [...userText.matchAll(workingDirectory)].at(-1))?.[1],
    lastTools: results.map((block) => names.get(block.tool_use_id) ?? 'unknown'),
    lastToolError: results.length === 0 ? undefined : results.some((block) => block.is_error === true),
    toolResult: results.length === 0 ? undefined : results.map(resultText).join('\n'),
    streamed: request.stream === true,
  };
}
