import { type ParseError, type ParseOptions, printParseErrorCode, visit } from 'jsonc-parser';
import type { ParseRequest, SyntaxProblem } from '../../core/ports/parsers.ts';
import { Positions } from './positions.ts';

const words: Readonly<Record<string, string>> = {
  InvalidSymbol: 'Unexpected word',
  InvalidNumberFormat: 'This is not a number',
  PropertyNameExpected: 'A property name in double quotes is expected here',
  ValueExpected: 'A value is expected here',
  ColonExpected: 'A colon is expected here',
  CommaExpected: 'A comma is expected here',
  CloseBraceExpected: 'A closing brace is expected here',
  CloseBracketExpected: 'A closing bracket is expected here',
  EndOfFileExpected: 'The file should end here',
  InvalidCommentToken: 'Comments are not allowed in JSON',
  UnexpectedEndOfComment: 'The comment does not end',
  UnexpectedEndOfString: 'The string does not end',
  UnexpectedEndOfNumber: 'The number does not end',
  InvalidUnicode: 'This is not a Unicode escape',
  InvalidEscapeCharacter: 'This escape does not exist',
  InvalidCharacter: 'This character must be escaped',
};

/** JSON as JSON.parse takes it, or with comments and trailing commas where the language is `jsonc`. */
export function parseJson({ language, text }: ParseRequest): SyntaxProblem[] {
  const positions = new Positions(text);
  const strict = language === 'json';
  const refusal = strict ? jsonRefusal(text) : undefined;
  if (strict && refusal === undefined) return duplicates(text, positions);
  const errors: ParseError[] = [];
  const onError = (error: number, offset: number, length: number) => {
    if (errors.at(-1)?.offset !== offset) errors.push({ error, offset, length });
  };
  visit(text, { onError }, optionsFor(strict));
  const problems = errors.map(({ error, offset, length }): SyntaxProblem => {
    const name = printParseErrorCode(error);
    const range = length > 0 ? positions.range(offset, offset + length) : positions.wordAt(offset);
    return { rule: `${language}/syntax`, severity: 'error', message: `${words[name] ?? name}.`, range };
  });
  if (refusal !== undefined && problems.length === 0) {
    const range = positions.wordAt(Number(/at position (\d+)/.exec(refusal)?.[1] ?? 0));
    return [{ rule: 'json/syntax', severity: 'error', message: refusal, range }];
  }
  return problems.length > 0 ? problems.slice(0, 20) : duplicates(text, positions);
}

const optionsFor = (strict: boolean): ParseOptions => ({
  disallowComments: strict,
  allowTrailingComma: !strict,
  allowEmptyContent: !strict,
});

function jsonRefusal(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A key that is there twice: every reader takes the last one, so the first is lost without a word. */
function duplicates(text: string, positions: Positions): SyntaxProblem[] {
  const problems: SyntaxProblem[] = [];
  const open: Set<string>[] = [];
  const onObjectProperty = (key: string, offset: number, length: number) => {
    const keys = open.at(-1);
    if (keys?.has(key) && problems.length < 20) {
      const message = `The key ${JSON.stringify(key)} is there more than once.`;
      const range = positions.range(offset, offset + length);
      problems.push({ rule: 'json/duplicate-key', severity: 'warning', message, range });
    }
    keys?.add(key);
  };
  try {
    visit(
      text,
      { onObjectBegin: () => void open.push(new Set()), onObjectEnd: () => void open.pop(), onObjectProperty },
      optionsFor(false),
    );
  } catch (error) {
    // Nested deeper than the visitor's stack: JSON.parse took it, only the duplicates stay unseen.
    if (!(error instanceof RangeError)) throw error;
  }
  return problems;
}
