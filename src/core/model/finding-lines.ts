import type { FileReport } from './findings.ts';

const SHOWN = 50;

/** Findings with their places, one-based, a line each; what was not checked has no error, and is named all the same. */
export function findingLines(files: readonly FileReport[]): string[] {
  const lines = files.flatMap((file) =>
    file.findings
      .filter((finding) => finding.severity === 'error' || file.status === 'skipped')
      .map(
        ({ range, message, rule }) =>
          `- ${file.path}:${range.start.line + 1}:${range.start.character + 1} ${message} (${rule})`,
      ),
  );
  const shown = lines.slice(0, SHOWN);
  if (lines.length > shown.length) shown.push(`- … and ${lines.length - shown.length} more`);
  return shown;
}
