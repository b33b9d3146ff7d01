import { EVENT_ID, type Event, getScalarValue, SCALAR_STYLE, type ScalarEvent, YAMLException } from 'js-yaml';
import type { Range } from '../../core/model/findings.ts';
import type { ParseRequest, SyntaxProblem } from '../../core/ports/parsers.ts';
import { Positions } from './positions.ts';
import { yamlEvents } from './yaml-events.ts';

/** All documents of a YAML file. Tags of any name are fine: what they mean is the reader's affair. */
export function parseYaml({ text }: Pick<ParseRequest, 'text'>): SyntaxProblem[] {
  try {
    const { events, text: repaired, indented } = yamlEvents(text);
    const problems = checkNodes(events, repaired, new Positions(repaired));
    const shallow = [...indented.keys()].map((line): SyntaxProblem => {
      const message = 'Lines inside brackets or quotes should be indented deeper than what they belong to.';
      const position = { line, character: 0 };
      return { rule: 'yaml/indentation', severity: 'warning', message, range: { start: position, end: position } };
    });
    return [...problems.map((problem) => ({ ...problem, range: unshift(problem.range, indented) })), ...shallow];
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const range = new Positions(text).wordAt(Math.min(error.mark?.position ?? 0, text.length));
    const message = error.reason.charAt(0).toUpperCase() + error.reason.slice(1);
    return [{ rule: 'yaml/syntax', severity: 'error', message: `${message}.`, range }];
  }
}

/** A range of the repaired text in the one that was given. */
function unshift({ start, end }: Range, indented: ReadonlyMap<number, number>): Range {
  const move = ({ line, character }: Range['start']) => ({ line, character: character - (indented.get(line) ?? 0) });
  return { start: move(start), end: move(end) };
}

interface OpenNode {
  readonly mapping: boolean;
  readonly keys: Set<string>;
  nextIsKey: boolean;
}

/** What the grammar does not say: keys of a mapping differ, and an alias needs its anchor before it. */
function checkNodes(events: readonly Event[], text: string, positions: Positions): SyntaxProblem[] {
  const problems: SyntaxProblem[] = [];
  const open: OpenNode[] = [];
  let anchors = new Set<string>();
  const say = (rule: string, message: string, start: number, end: number) =>
    problems.push({ rule, severity: 'error', message, range: positions.range(start, end) });

  for (const event of events) {
    if (event.type === EVENT_ID.POP) {
      open.pop();
      continue;
    }
    if (event.type === EVENT_ID.DOCUMENT) {
      anchors = new Set();
      open.push({ mapping: false, keys: new Set(), nextIsKey: false });
      continue;
    }
    const parent = open.at(-1);
    const isKey = parent?.mapping === true && parent.nextIsKey;
    if (parent) parent.nextIsKey = !parent.nextIsKey;
    const anchor = event.anchorStart >= 0 ? text.slice(event.anchorStart, event.anchorEnd) : undefined;
    if (event.type === EVENT_ID.ALIAS) {
      if (anchor !== undefined && !anchors.has(anchor))
        say('yaml/unknown-alias', `No anchor "${anchor}" comes before this alias.`, event.anchorStart, event.anchorEnd);
      continue;
    }
    if (anchor !== undefined) anchors.add(anchor);
    if (event.type !== EVENT_ID.SCALAR) {
      open.push({ mapping: event.type === EVENT_ID.MAPPING, keys: new Set(), nextIsKey: true });
    } else if (isKey && parent) {
      const key = keyOf(event, text);
      if (key !== undefined && parent.keys.has(key))
        say('yaml/duplicate-key', 'This key is there more than once in its mapping.', event.valueStart, event.valueEnd);
      if (key !== undefined) parent.keys.add(key);
    }
  }
  return problems.slice(0, 20);
}

/** Equal for keys that are the same; undefined for those that may be repeated. */
function keyOf(event: ScalarEvent, text: string): string | undefined {
  const value = getScalarValue(text, event);
  const plain = event.style === SCALAR_STYLE.PLAIN;
  // Several merges into one mapping are in use, and so are several keys left empty.
  if (plain && (value === '<<' || value === '')) return undefined;
  const tag = event.tagStart >= 0 ? text.slice(event.tagStart, event.tagEnd) : '';
  const notText = plain && /^([-+.]?[\d.].*|~|null|true|false|yes|no|on|off)$/i.test(value);
  return `${tag} ${notText ? 'plain' : 'text'} ${value}`;
}
