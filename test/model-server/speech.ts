import { join } from 'node:path';
import { fillPlaceholders, type PlaceholderValues } from './placeholders.ts';
import type { Step } from './schema.ts';

/** A content block of an assistant message. */
export type Speech =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: unknown };

type Text = NonNullable<Step['text']>;
interface Call {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

const many = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value as T];
const asText = (text: Text): string => (typeof text === 'string' ? text : text.repeat.repeat(text.times));

/** Whether a step leaves the CLI with tools to run, so that another request follows it. */
export function callsTools(step: Step): boolean {
  return [step.read, step.write, step.overwrite, step.edit, step.bash, step.tools].some((part) => part !== undefined);
}

function calls(step: Step, cwd: string): Call[] {
  // The file tools of the CLI take absolute paths only; `join` keeps a path inside the session's folder readable.
  const absolute = (path: string): string => (path.startsWith('/') || /^[A-Za-z]:/.test(path) ? path : join(cwd, path));
  const read = (path: string): Call => ({ name: 'Read', input: { file_path: absolute(path) } });
  const write = ([path, text]: [string, Text]): Call => ({
    name: 'Write',
    input: { file_path: absolute(path), content: asText(text) },
  });
  return [
    ...many(step.read).map(read),
    ...Object.entries(step.write ?? {}).map(write),
    // The CLI refuses to change a file that the session has not read.
    ...Object.entries(step.overwrite ?? {}).flatMap((entry) => [read(entry[0]), write(entry)]),
    ...many(step.edit).flatMap((edit) => [
      read(edit.path),
      {
        name: 'Edit',
        input: {
          file_path: absolute(edit.path),
          old_string: edit.old,
          new_string: edit.new,
          ...(edit.all === undefined ? {} : { replace_all: edit.all }),
        },
      },
    ]),
    ...many(step.bash).map((command) => ({ name: 'Bash', input: { command, description: command.slice(0, 60) } })),
    ...many(step.tools).map((tool) => ({ name: tool.name, input: tool.input ?? {} })),
    ...(step.structured === undefined ? [] : [{ name: 'StructuredOutput', input: step.structured }]),
  ];
}

/** The content blocks of a step: its text first, then its tool calls. `id` makes the tool ids unique. */
export function speechOf(step: Step, values: PlaceholderValues, id: string): Speech[] {
  const filled = fillPlaceholders(step, values);
  return [
    ...(filled.text === undefined ? [] : [{ type: 'text' as const, text: asText(filled.text) }]),
    ...calls(filled, values.cwd).map((call, index) => ({
      type: 'tool_use' as const,
      id: `toolu_${id}_${index + 1}`,
      ...call,
    })),
  ];
}
