import type { FileReport, Finding, Language } from '../model/findings.ts';
import { ParserFailure, type Parsers, type SyntaxProblem } from '../ports/parsers.ts';
import { decodeSource } from './decode.ts';
import { languageOf } from './language.ts';

/** Bytes above which a file is not parsed. JSON is read in one fast go, the rest grows a tree. */
const limits = { json: 20_000_000, other: 5_000_000 };

/** Bytes of a file of that language that are still parsed. */
export function sizeLimit(language: Language): number {
  return language === 'json' ? limits.json : limits.other;
}

/**
 * The syntax of one file: `failed` with any error, `skipped` when no parser knows its kind (language null) or it is too
 * large to look at, else `passed`. A parser that crashes or takes too long is an error: a file nobody could read never
 * passes.
 * @param path as it shall be reported
 */
export async function checkSyntax(
  path: string,
  bytes: Uint8Array,
  parsers: Parsers,
  signal?: AbortSignal,
): Promise<FileReport> {
  const byName = languageOf(path);
  if (byName === null) return { path, language: null, status: 'skipped', findings: [] };
  if (bytes.length > sizeLimit(byName)) return tooLarge(path, byName, bytes.length);
  const decoded = decodeSource(bytes, byName);
  if (!decoded.ok) return report(path, byName, [decoded.problem]);
  const language = languageOf(path, decoded.text);
  if (language === null) return { path, language, status: 'skipped', findings: [] };
  try {
    return report(path, language, await parsers.parse({ language, path, text: decoded.text }, signal));
  } catch (error) {
    if (!(error instanceof ParserFailure)) throw error;
    return report(path, language, [
      { rule: `parser/${error.reason}`, severity: 'error', message: error.message, range: fileStart },
    ]);
  }
}

/** The syntax of many files, each with a report, in the order given. */
export async function checkFiles(
  files: ReadonlyMap<string, Uint8Array>,
  parsers: Parsers,
  signal?: AbortSignal,
): Promise<FileReport[]> {
  return await Promise.all([...files].map(([path, bytes]) => checkSyntax(path, bytes, parsers, signal)));
}

/** Says that a file was not looked at because of its size, in bytes. */
export function tooLarge(path: string, language: Language, size: number): FileReport {
  const message = `Not checked: ${size} bytes are more than the ${sizeLimit(language)} this check reads.`;
  const finding: Finding = { rule: 'file/too-large', criterion: 'syntax', severity: 'info', message, range: fileStart };
  return { path, language, status: 'skipped', findings: [finding] };
}

export const fileStart = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

function report(path: string, language: Language, problems: readonly SyntaxProblem[]): FileReport {
  const findings = problems.map((problem): Finding => ({ ...problem, criterion: 'syntax' }));
  const failed = findings.some(({ severity }) => severity === 'error');
  return { path, language, status: failed ? 'failed' : 'passed', findings };
}
