import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { FileReport, ValidationReport } from '../core/model/findings.ts';
import type { Parsers } from '../core/ports/parsers.ts';
import { languageOf } from '../core/validation/language.ts';
import { reportOn } from '../core/validation/report.ts';
import { checkSyntax, fileStart, sizeLimit, tooLarge } from '../core/validation/syntax.ts';

export interface ValidatePathsOptions {
  /** Folder that relative paths start from. */
  readonly cwd: string;
  readonly parsers: Parsers;
  readonly signal?: AbortSignal;
}

/** Files open at a time. */
const atOnce = 16;

/**
 * Checks files on disk at BASIC level. Paths may lie anywhere; each is reported once, exactly as given, in the order
 * given. What can't be read fails. Rejects only with the signal's reason.
 */
export async function validatePaths(
  paths: readonly string[],
  options: ValidatePathsOptions,
): Promise<ValidationReport> {
  const unique = [...new Set(paths)];
  const reports: FileReport[] = [];
  let next = 0;
  const takeTurns = async () => {
    for (let index = next++; index < unique.length; index = next++) {
      options.signal?.throwIfAborted();
      reports[index] = await validatePath(unique[index] ?? '', options);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, takeTurns));
  return reportOn(reports);
}

async function validatePath(path: string, { cwd, parsers, signal }: ValidatePathsOptions): Promise<FileReport> {
  const read = await readSource(path, resolve(cwd, path));
  return 'status' in read ? read : await checkSyntax(path, read.bytes, parsers, signal);
}

/** The bytes of a file, or the report that says why there are none. */
async function readSource(path: string, absolute: string): Promise<{ bytes: Uint8Array } | FileReport> {
  const language = languageOf(path);
  try {
    const stats = await stat(absolute);
    if (stats.isDirectory()) return unreadable(path, 'It is a folder; give the files in it.');
    if (!stats.isFile()) return unreadable(path, 'It is not a regular file.');
    if (language === null) return { bytes: new Uint8Array() };
    if (stats.size > sizeLimit(language)) return tooLarge(path, language, stats.size);
    return { bytes: await readFile(absolute) };
  } catch (error) {
    return unreadable(path, reasonOf(error));
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'There is no such file.';
  if (code === 'EACCES' || code === 'EPERM') return 'Reading it is not allowed.';
  if (code === 'EISDIR') return 'It is a folder; give the files in it.';
  return error instanceof Error ? error.message : String(error);
}

function unreadable(path: string, reason: string): FileReport {
  const message = `The file can't be read. ${reason}`;
  const finding = {
    rule: 'file/unreadable',
    criterion: 'syntax',
    severity: 'error',
    message,
    range: fileStart,
  } as const;
  return { path, language: languageOf(path), status: 'failed', findings: [finding] };
}
