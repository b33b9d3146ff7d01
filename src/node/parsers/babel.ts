import { type ParserOptions, parse } from '@babel/parser';
import { type Options, parse as parseEcmaScript } from 'acorn';

export interface BabelProblem {
  readonly message: string;
  readonly offset: number;
  /** Babel's name of the mistake. */
  readonly reason: string;
}

export interface BabelResult {
  readonly problems: readonly BabelProblem[];
  /** Whether there is syntax in it that no ECMAScript edition has yet: decorators, import phases, Flow's types. */
  readonly extended: boolean;
}

/** Parses with Babel. What Babel leaves out is checked too: regular expressions, commas that end type arguments. */
export function parseWithBabel(text: string, options: ParserOptions): BabelResult {
  const problems: BabelProblem[] = [];
  let extended = false;
  try {
    const file = parse(text, { ...options, errorRecovery: true });
    for (const error of file.errors ?? []) problems.push(problemOf(error));
    walk(file.program, (node) => {
      if (node['type'] === 'RegExpLiteral') problems.push(...regExpProblem(node));
      if (node['type'] === 'TSTypeParameterInstantiation') problems.push(...trailingComma(node, text));
      if (/^(Decorator|ClassAccessorProperty|TypeAnnotation|TypeAlias|Declare)/.test(String(node['type'])))
        extended = true;
      if (typeof node['phase'] === 'string') extended = true;
    });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    problems.push(problemOf(error));
  }
  return { problems: problems.toSorted((a, b) => a.offset - b.offset), extended };
}

function problemOf(error: object): BabelProblem {
  const { message, pos, reasonCode, loc } = error as Partial<Record<'message' | 'reasonCode', string>> & {
    pos?: number;
    loc?: { index?: number };
  };
  const text = (message ?? 'Syntax error').replace(/ ?\(\d+:\d+\)$/, '').replace(/\.$/, '');
  return { message: `${text}.`, offset: pos ?? loc?.index ?? 0, reason: reasonCode ?? '' };
}

const ecmaScript: Options = { ecmaVersion: 'latest' };

function regExpProblem(node: Record<string, unknown>): BabelProblem[] {
  const start = Number(node['start']);
  try {
    parseEcmaScript(`/${String(node['pattern'])}/${String(node['flags'])}`, ecmaScript);
    return [];
  } catch (error) {
    const message = error instanceof Error ? error.message.replace(/ ?\(\d+:\d+\)$/, '') : String(error);
    return [{ message: `${message}.`, offset: start, reason: 'RegExp' }];
  }
}

/** `Map<string, >`: the comma may end type parameters but not type arguments, which Babel does not tell apart. */
function trailingComma(node: Record<string, unknown>, text: string): BabelProblem[] {
  const last = Array.isArray(node['params']) ? node['params'].at(-1) : undefined;
  if (!isNode(last)) return [];
  const from = Number(last['end']);
  const rest = text
    .slice(from, Number(node['end']))
    .replace(/\/\*[\s\S]*?\*\/|\/\/[^\r\n]*/g, (comment) => ' '.repeat(comment.length));
  const comma = rest.indexOf(',');
  return comma < 0
    ? []
    : [{ message: 'A trailing comma is not allowed here.', offset: from + comma, reason: 'TrailingComma' }];
}

function isNode(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && typeof (value as Record<string, unknown>)['type'] === 'string';
}

/** Every node, without recursion: long chains of operators nest deeply. */
function walk(root: unknown, visit: (node: Record<string, unknown>) => void): void {
  const open: unknown[] = [root];
  while (open.length > 0) {
    const next = open.pop();
    if (Array.isArray(next)) open.push(...next);
    if (!isNode(next)) continue;
    visit(next);
    for (const [key, value] of Object.entries(next)) {
      if (!key.endsWith('Comments') && key !== 'loc' && typeof value === 'object' && value !== null) open.push(value);
    }
  }
}
