import type { FileReport } from '../model/findings.ts';
import { FILE_LIMIT, type Oversized, RESULT_LIMIT, type SizedFile } from '../model/result-size.ts';
import { languageOf } from './language.ts';
import { fileStart } from './syntax.ts';

/** One failed report for each file that is too large to be taken. */
export function oversizedReports(oversized: Oversized | undefined): FileReport[] {
  return (oversized?.files ?? []).map((file) => ({
    path: file.path,
    language: languageOf(file.path),
    status: 'failed',
    findings: [
      {
        rule: 'size/too-large',
        criterion: 'quality',
        severity: 'error',
        message: tooLarge(file, oversized?.totalBytes ?? 0),
        range: fileStart,
      },
    ],
  }));
}

function tooLarge({ path, bytes }: SizedFile, total: number): string {
  return bytes > FILE_LIMIT
    ? `"${path}" has ${megabytes(bytes)}, a file may have ${megabytes(FILE_LIMIT)}: remove it or make it smaller.`
    : `The changed files have ${megabytes(total)} together, ${megabytes(RESULT_LIMIT)} are allowed: remove "${path}" (${megabytes(bytes)}) or make it smaller.`;
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1_000_000)} MB`;
