import type { ParserOptions, ParserPlugin } from '@babel/parser';
import { type Options, Parser } from 'acorn';
import jsx from 'acorn-jsx';
import type { ParseRequest, SyntaxProblem } from '../../core/ports/parsers.ts';
import { parseWithBabel } from './babel.ts';
import { Positions } from './positions.ts';

const WithJsx = Parser.extend(jsx());

type Goal = 'module' | 'commonjs';

interface Refusal {
  readonly message: string;
  readonly offset: number;
  readonly end: number;
}

/**
 * JavaScript, with JSX except in `.mjs` and `.cjs`. A file is correct when it is as a module or as a CommonJS script:
 * which of them it is depends on more than its text. Of several refusals the one that came furthest is told.
 */
export function parseJavaScript({ path, text }: ParseRequest): SyntaxProblem[] {
  const goals: Goal[] = /\.mjs$/i.test(path)
    ? ['module']
    : /\.cjs$/i.test(path)
      ? ['commonjs']
      : ['module', 'commonjs'];
  const parsers = /\.[mc]js$/i.test(path) ? [Parser] : [Parser, WithJsx];
  const refusals: Refusal[] = [];
  for (const parser of parsers) {
    for (const goal of goals) {
      const refusal = refuse(parser, text, goal);
      if (refusal === undefined) return [];
      refusals.push(refusal);
    }
  }
  const flow = /^\s*(#![^\n]*\n)?\s*(\/\/[^\n]*\n\s*|\/\*[\s\S]*?\*\/\s*)*/.exec(text)?.[0].match(/@flow\b/) != null;
  if (goals.some((goal) => isExtended(text, goal, flow))) return [];
  const furthest = refusals.reduce((best, next) => (next.offset > best.offset ? next : best));
  return [describe(furthest, text)];
}

function refuse(parser: typeof Parser, text: string, goal: Goal): Refusal | undefined {
  const options: Options = { ecmaVersion: 'latest', sourceType: goal, allowHashBang: true };
  try {
    parser.parse(text, options);
    return undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const { pos = 0, raisedAt = 0 } = error as { pos?: number; raisedAt?: number };
    return { message: error.message.replace(/ ?\(\d+:\d+\)$/, ''), offset: pos, end: raisedAt };
  }
}

/** Correct by a proposal that is in wide use (decorators, import phases) or by Flow where the file says so. */
function isExtended(text: string, goal: Goal, flow: boolean): boolean {
  if (!flow && !/@|\bimport\s+(defer|source)\b|\bimport\.(defer|source)\b/.test(text)) return false;
  const plugins: ParserPlugin[] = [
    'jsx',
    'decorators',
    'decoratorAutoAccessors',
    'deferredImportEvaluation',
    'sourcePhaseImports',
    ...(flow ? (['flow'] as const) : []),
  ];
  const options: ParserOptions = { sourceType: goal, plugins };
  const { problems, extended } = parseWithBabel(text, options);
  return problems.length === 0 && (extended || flow);
}

function describe({ message, offset, end }: Refusal, text: string): SyntaxProblem {
  const positions = new Positions(text);
  // Only here the parser has just read the token that is wrong; elsewhere it has gone on.
  const token = message === 'Unexpected token' ? text.slice(offset, end) : '';
  const atEnd = text.slice(offset).trim() === '';
  const quoted = token ? `${message} "${token.slice(0, 40)}"` : message;
  return {
    rule: 'javascript/syntax',
    severity: 'error',
    message: `${atEnd && message === 'Unexpected token' ? 'Unexpected end of the file' : quoted}.`,
    range: token && !/[\r\n]/.test(token) ? positions.range(offset, end) : positions.wordAt(offset),
  };
}
