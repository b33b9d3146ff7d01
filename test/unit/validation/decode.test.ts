import { describe, expect, it } from 'vitest';
import { checked, firstRange } from './checked.ts';

const bytes = (...parts: (string | number)[]) =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...new TextEncoder().encode(part)] : [part])));
const utf16 = (text: string) => new Uint8Array(Uint16Array.from(text, (unit) => unit.charCodeAt(0)).buffer);

describe('the encoding of a file', () => {
  it.each([
    ['a.js', bytes('x = 1;\n// caf', 0xe9, '\n'), '1:6-1:6'],
    ['a.ts', bytes('/* 😀 ', 0xff), '0:6-0:6'],
    ['a.json', bytes('{"a": "', 0xc3, '"}'), '0:7-0:7'],
    ['a.yaml', bytes('a: ', 0xf0, 0x9f), '0:3-0:3'],
    ['a.py', bytes('x = "', 0xe9, '"'), '0:5-0:5'],
  ])('fails where it is no longer UTF-8: %s', async (path, contents, range) => {
    const report = await checked(path, contents);
    expect(report).toMatchObject({ status: 'failed', findings: [{ rule: 'file/encoding', criterion: 'syntax' }] });
    expect(firstRange(report)).toBe(range);
  });

  it.each([
    ['with a byte order mark', utf16('\ufefflet x = 1;')],
    ['without', utf16('let x = 1;')],
  ])('fails when it is UTF-16 %s', async (_, contents) => {
    const report = await checked('a.ts', contents);
    expect(report.findings[0]?.message).toBe('The file is UTF-16 (little endian); save it as UTF-8.');
  });

  it('of Python is what the coding comment says', async () => {
    expect((await checked('a.py', bytes('# coding: cp1252\nx = "', 0x80, '"\n'))).status).toBe('passed');
    expect((await checked('a.py', bytes('#!/bin/x\n# vim: fileencoding=latin-1\nx = "', 0xe9, '"\n'))).status).toBe(
      'passed',
    );
    expect((await checked('a.py', '# coding: uft-8\nx = 1\n')).findings[0]?.rule).toBe('file/encoding');
    expect((await checked('a.py', bytes('# coding: ascii\nx = "', 0xe9, '"\n'))).status).toBe('failed');
  });

  it.each(['a.json', 'a.yaml', 'a.py'])('fails with a NUL character, which is no text: %s', async (path) => {
    const report = await checked(path, '[\n"a\u0000"]');
    expect(report).toMatchObject({ status: 'failed', findings: [{ rule: 'file/binary' }] });
    expect(firstRange(report)).toBe('1:2-1:2');
  });

  it('lets JavaScript have a NUL in a string', async () => {
    expect((await checked('a.js', 'x = "\u0000";')).status).toBe('passed');
  });
});
