import type { FileReport, ValidationReport } from '../model/findings.ts';
import { escaped } from '../model/plain-text.ts';

/** The report over files, with its summary counted from them. */
export function reportOn(files: readonly FileReport[]): ValidationReport {
  const withStatus = (status: FileReport['status']) => files.filter((file) => file.status === status).length;
  const findings = files.flatMap((file) => file.findings);
  return {
    files: [...files],
    summary: {
      level: 'basic',
      files: files.length,
      passed: withStatus('passed'),
      failed: withStatus('failed'),
      skipped: withStatus('skipped'),
      errors: findings.filter(({ severity }) => severity === 'error').length,
      warnings: findings.filter(({ severity }) => severity === 'warning').length,
    },
  };
}

/**
 * For people: one line a finding, `path:line:column severity message (rule)` with line and column counted from one, then
 * the summary. Ends with a line break.
 */
export function formatReport(report: ValidationReport): string {
  const lines = report.files.flatMap(({ path, findings }) =>
    findings.map(({ range: { start }, severity, message, rule }) => {
      return escaped(`${path}:${start.line + 1}:${start.character + 1} ${severity} ${message} (${rule})`);
    }),
  );
  const { files, passed, failed, skipped, errors, warnings } = report.summary;
  const counted = [counts(files, 'file'), `${passed} passed`, `${failed} failed`, `${skipped} skipped`];
  lines.push(`${counted.join(', ')}; ${counts(errors, 'error')}, ${counts(warnings, 'warning')}`);
  return `${lines.join('\n')}\n`;
}

const counts = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;
