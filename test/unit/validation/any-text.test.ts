import fc from 'fast-check';
import { dump } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { checked, firstRange } from './checked.ts';

describe('whatever the text', () => {
  it('JSON that was written by JSON.stringify passes, and fails with any piece cut off its end', async () => {
    const sample = fc.record({ value: fc.jsonValue(), indent: fc.constantFrom(0, 2, '\t'), cut: fc.nat() });
    await fc.assert(
      fc.asyncProperty(sample, async ({ value, indent, cut }) => {
        const text = JSON.stringify({ value }, null, indent);
        expect((await checked('a.json', text)).status).toBe('passed');
        const shorter = text.slice(0, 1 + (cut % (text.length - 1)));
        expect((await checked('a.json', shorter)).status).toBe('failed');
      }),
    );
  });

  it('YAML that was written by a YAML writer passes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ noUnicodeString: false }), async (value) => {
        const report = await checked('a.yaml', dump(value));
        expect(report.findings).toEqual([]);
      }),
    );
  });

  it('line endings and a byte order mark do not move what is found', async () => {
    const line = fc.constantFrom('x = 1', '# é 😀', 'y = "😀" + x', '');
    const layout = fc.record({ before: fc.array(line), eol: fc.constantFrom('\n', '\r\n', '\r'), mark: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(layout, async ({ before, eol, mark }) => {
        const expected = `${before.length}:9-${before.length}:10`;
        const text = [...before, 'z = "😀" ) + 1', ''].join(eol);
        for (const path of ['a.py', 'a.js', 'a.ts']) {
          const code = path === 'a.py' ? text : text.replaceAll('#', '//');
          expect(firstRange(await checked(path, `${mark ? '\ufeff' : ''}${code}`)), path).toBe(expected);
        }
      }),
    );
  });

  it('a check ends with a report and never throws, whatever the bytes', async () => {
    const paths = fc.constantFrom('a.js', 'a.tsx', 'a.ts', 'a.json', 'a.jsonc', 'a.yaml', 'a.py');
    await fc.assert(
      fc.asyncProperty(paths, fc.uint8Array({ maxLength: 60 }), async (path, contents) => {
        const { status, findings } = await checked(path, contents);
        expect(status === 'failed').toBe(findings.some(({ severity }) => severity === 'error'));
      }),
      { numRuns: 500 },
    );
  });
});
