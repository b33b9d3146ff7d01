import type { Language, Range, Severity } from '../model/findings.ts';

/** One thing a parser says about a file. */
export interface SyntaxProblem {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly range: Range;
}

export interface ParseRequest {
  readonly language: Language;
  /** Only its name counts (`.d.ts`, `.mjs`, …); nothing is read from it. */
  readonly path: string;
  /** The text without a byte order mark. */
  readonly text: string;
}

/** The parser itself failed, so nothing is known about the file. */
export class ParserFailure extends Error {
  readonly reason: 'crashed' | 'timed-out';

  constructor(reason: 'crashed' | 'timed-out', message: string) {
    super(message);
    this.name = 'ParserFailure';
    this.reason = reason;
  }
}

export interface Parsers {
  /**
   * What is wrong with the syntax of a text, first problem first; empty: it is correct. Rejects with a ParserFailure
   * when the parser crashes or takes too long, and with the signal's reason when aborted.
   */
  parse(request: ParseRequest, signal?: AbortSignal): Promise<readonly SyntaxProblem[]>;
}
