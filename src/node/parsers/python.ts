import type { Diagnostic } from '@astral-sh/ruff-wasm-nodejs';
import ruff from '@astral-sh/ruff-wasm-nodejs';
import type { ParseRequest, SyntaxProblem } from '../../core/ports/parsers.ts';
import { Positions } from './positions.ts';

/** Lint rules for what CPython's compiler refuses after parsing: `return` outside a function and the like. */
const compilerRules = [
  ...['F404', 'F406', 'F407', 'F621', 'F622', 'F701', 'F702', 'F704', 'F706', 'F707'],
  ...['PLE0115', 'PLE0117', 'PLE0118', 'PLE1142'],
];

const workspace = (version: string, rules: readonly string[]) =>
  new ruff.Workspace({ 'target-version': version, lint: { select: rules } }, ruff.PositionEncoding.Utf16);

// The newest released grammar accepts all that the ones before do.
const newest = workspace('py314', compilerRules);
const before314 = workspace('py313', []);

/** Python 3.8 to 3.14, modules and stubs. Throws when the WASM module traps; it can't be used any more after that. */
export function parsePython({ text }: ParseRequest): SyntaxProblem[] {
  const positions = new Positions(text);
  // A comment must not switch the compiler's rules off. Same length, so that positions stay.
  const found = check(newest, text.replace(/noqa/gi, 'noqb'));
  const problems = found
    .filter(({ code }) => code === 'invalid-syntax' || (code !== null && compilerRules.includes(code)))
    .map((diagnostic) => problem(diagnostic, positions));
  return [...problems, ...unparenthesized(text, positions)].slice(0, 20);
}

function problem({ message, start_location, end_location }: Diagnostic, positions: Positions): SyntaxProblem {
  const text = `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
  return {
    rule: 'python/syntax',
    severity: 'error',
    message: text,
    range: positions.rangeFromOne(start_location, end_location),
  };
}

const check = (where: ReturnType<typeof workspace>, text: string): Diagnostic[] => where.check(text);

/**
 * `except A, b:` is two exception types since Python 3.14 and was "A as b" in Python 2. Where nothing in the file makes
 * a `b`, it can only be the latter.
 */
function unparenthesized(text: string, positions: Positions): SyntaxProblem[] {
  if (!/^[ \t]*except\b\*?[^\n#:]*,[^\n#:]*:/m.test(text)) return [];
  const lines = text.split(/\r\n|\r|\n/);
  return check(before314, text)
    .filter(({ message }) => message.startsWith('Multiple exception types must be parenthesized'))
    .map((diagnostic): SyntaxProblem => {
      const { range } = problem(diagnostic, positions);
      const types = lines[range.start.line]?.slice(range.start.character, range.end.character) ?? '';
      const name = /^[^,]+,\s*([a-z_]\w*)$/.exec(types)?.[1];
      if (name === undefined || isBound(name, text))
        return {
          rule: 'python/needs-3.14',
          severity: 'warning',
          message: 'Needs Python 3.14: before, parentheses around the exception types are required.',
          range,
        };
      const message = `Python 2 syntax: write "as ${name}" for the exception that is caught.`;
      return { rule: 'python/syntax', severity: 'error', message, range };
    });
}

/** Imported (also in a list over several lines), a class, or assigned at the top of the module. */
function isBound(name: string, text: string): boolean {
  const patterns = [`\\b(import|class)\\b[^\\n#]*\\b${name}\\b`, `^${name}\\s*=[^=]`, `^\\s*${name}\\s*[,)]?\\s*$`];
  return new RegExp(patterns.join('|'), 'm').test(text);
}
