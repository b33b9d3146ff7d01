import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checked } from './checked.ts';

const folder = join(import.meta.dirname, '../../fixtures/validation/valid');
const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name));

describe('a correct file', () => {
  it.each(files)('passes: %s', async (path) => {
    const report = await checked(path, readFileSync(path));
    expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(report.status).toBe('passed');
  });

  it.each(files.filter((path) => !/empty|latin|tsconfig|settings/.test(path)))(
    'passes with CRLF and a byte order mark as well: %s',
    async (path) => {
      const text = readFileSync(path, 'utf8')
        .replace(/^\ufeff/, '')
        .replace(/\r?\n/g, '\r\n');
      expect((await checked(path, `\ufeff${text}`)).status).toBe('passed');
    },
  );
});
