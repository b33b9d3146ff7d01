import { markdown } from './text.ts';
import { t } from './translate.ts';

/** What was found about one thing that a run needs. */
export interface Diagnosis {
  readonly check: string;
  readonly status: 'ok' | 'warning' | 'problem';
  readonly detail: string;
  readonly fix?: string;
}

const MARKS = { ok: '✅', warning: '⚠️', problem: '❌' } as const;

/** The findings as a Markdown document; what is in them is data of this machine, so it is escaped. */
export function doctorDocument(diagnoses: readonly Diagnosis[]): string {
  const problems = diagnoses.filter(({ status }) => status !== 'ok').length;
  const rows = diagnoses.map(
    ({ check, status, detail, fix = '' }) =>
      `| ${MARKS[status]} | **${markdown(check)}** | ${markdown(detail)} | ${markdown(fix)} |`,
  );
  return [
    '# Doctor',
    problems === 0 ? t('Everything a run needs is there.') : t('{0} of {1} need a look.', problems, diagnoses.length),
    [t('| | Check | Found | What to do |'), '| --- | --- | --- | --- |', ...rows].join('\n'),
    '',
  ].join('\n\n');
}
