/** One line that tells a person what a tool call is about; data of a model, so it is only ever shown as plain text. */
export function summarize(tool: string, input: Readonly<Record<string, unknown>>): string {
  const subject = ['command', 'file_path', 'notebook_path', 'path', 'pattern', 'url', 'query', 'description']
    .map((key) => input[key])
    .find((value): value is string => typeof value === 'string' && value.trim() !== '');
  const name = oneLine(tool, 100);
  return subject === undefined ? name : `${name}: ${oneLine(subject, 200)}`;
}

/** What makes a text look other than it is: directions of writing, and characters without a width. */
const MISLEADING = /[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]+/gu;

/** Control characters, line ends and spaces in a row become one space; longer than `max` is cut with an ellipsis. */
export function oneLine(text: string, max: number): string {
  const flat = text
    .replace(MISLEADING, '')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal or a view
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\s]+/g, ' ')
    .trim();
  return flat.length > max ? `${flat.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…` : flat;
}

/** Keeps line ends and tabs, drops every other control character: a worker's text must not steer a terminal. */
export function plainText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal or a view
  return text.replace(MISLEADING, '').replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]+/g, '');
}

/** One line in which everything that would steer a terminal or look other than it is stands as its code, `\\u{1b}`. */
export function escaped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal or a view
  const steering = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;
  const code = (found: string): string =>
    [...found].map((character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`).join('');
  return text.replace(MISLEADING, code).replace(steering, code);
}
