import { describe, expect, it } from 'vitest';
import { validationReportSchema } from '../../../src/core/model/findings.ts';
import { ParserFailure } from '../../../src/core/ports/parsers.ts';
import { missingFiles } from '../../../src/core/validation/promised-files.ts';
import { formatReport, reportOn } from '../../../src/core/validation/report.ts';
import { checkFiles, checkSyntax } from '../../../src/core/validation/syntax.ts';
import { parse } from '../../../src/node/parsers/parse.ts';
import { checked } from './checked.ts';

describe('the report', () => {
  it('counts files by status and findings by severity, and is what the schema says', async () => {
    const files = [
      await checked('ok.ts', 'let x = 1;'),
      await checked('bad.json', '{'),
      await checked('twice.json', '{"a": 1, "a": 2}'),
      await checked('README.md', '# x'),
    ];
    const report = reportOn(files);
    expect(validationReportSchema.parse(report)).toEqual(report);
    expect(report.summary).toEqual({
      ...{ level: 'basic', files: 4, passed: 2, failed: 1, skipped: 1 },
      ...{ errors: report.files[1]?.findings.length, warnings: 1 },
    });
  });

  it('as text has one line a finding with positions counted from one', async () => {
    const text = formatReport(reportOn([await checked('a/b.py', 'x = 1\nprint "x"\n'), await checked('c.md', '')]));
    expect(text).toBe(
      'a/b.py:2:7 error Simple statements must be separated by newlines or semicolons. (python/syntax)\n' +
        '2 files, 0 passed, 1 failed, 1 skipped; 1 error, 0 warnings\n',
    );
  });
});

describe('a file nobody could read', () => {
  it('fails when the parser crashes', async () => {
    const parsers = { parse: () => Promise.reject(new ParserFailure('crashed', 'It crashed.')) };
    const report = await checkSyntax('a.py', new Uint8Array(), parsers);
    expect(report).toMatchObject({ status: 'failed', findings: [{ rule: 'parser/crashed', severity: 'error' }] });
  });

  it('is skipped with a word about it when it is too large', async () => {
    const report = await checked('a.js', new Uint8Array(5_000_001).fill(32));
    expect(report).toMatchObject({ status: 'skipped', language: 'javascript', findings: [{ severity: 'info' }] });
  });

  it('does not take the others with it', async () => {
    const files = new Map([
      ['a.js', new TextEncoder().encode('x')],
      ['b.js', Uint8Array.of(0xff)],
    ]);
    const reports = await checkFiles(files, { parse });
    expect(reports.map(({ path, status }) => [path, status])).toEqual([
      ['a.js', 'passed'],
      ['b.js', 'failed'],
    ]);
  });
});

describe('promised files', () => {
  it('that are missing fail for completeness, each once, and those that are there say nothing', () => {
    const reports = missingFiles(['./src/a.ts', 'docs/b.md', 'docs/b.md'], new Set(['src/a.ts', 'src/c.ts']));
    expect(reports).toMatchObject([
      {
        path: 'docs/b.md',
        language: null,
        status: 'failed',
        findings: [{ criterion: 'completeness', severity: 'error' }],
      },
    ]);
  });
});
