import { type Event, parseEvents, YAMLException } from 'js-yaml';

export interface YamlEvents {
  readonly events: readonly Event[];
  /** The text the events point into: as given, but for the lines that had to be indented. */
  readonly text: string;
  /** Spaces put in front of a line (counted from zero). */
  readonly indented: ReadonlyMap<number, number>;
}

/** Repairs are parsed again from the start, so there is a limit to them: characters parsed in all. */
const budget = 50_000_000;

/**
 * The events of all documents. Lines inside brackets or quotes that are not indented deeper than their parent are
 * against the specification, yet libyaml, Go and Python read them and many real files have them, mostly a closing
 * bracket. Such lines are indented and it is tried again: between brackets and quotes that changes no meaning.
 * Throws the YAMLException of the file as it was given.
 */
export function yamlEvents(given: string): YamlEvents {
  const indented = new Map<number, number>();
  let text = given;
  let first: unknown;
  for (let spent = 0; spent <= budget; spent += text.length + 1) {
    try {
      return { events: parseEvents(text, { maxDepth: 2000 }), text, indented };
    } catch (error) {
      first ??= error;
      if (!(error instanceof YAMLException) || error.reason !== 'deficient indentation' || !error.mark) throw first;
      const { line, position } = error.mark;
      if (indented.has(line)) throw first;
      const lineStart = Math.max(text.lastIndexOf('\n', position - 1), text.lastIndexOf('\r', position - 1)) + 1;
      const spaces = 1 + longestIndentBefore(text, lineStart);
      text = text.slice(0, lineStart) + ' '.repeat(spaces) + text.slice(lineStart);
      indented.set(line, spaces);
    }
  }
  throw first;
}

/** Deeper than the line that has the parent, which is one of the few before. */
function longestIndentBefore(text: string, end: number): number {
  const lines = text.slice(Math.max(0, end - 4000), end).split(/\r\n|\r|\n/);
  return Math.max(0, ...lines.map((line) => /^[ -]*/.exec(line)?.[0].length ?? 0));
}
