import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oneLine, plainText, summarize } from '../../../src/core/model/plain-text.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be left
const DANGEROUS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/;

describe('text of a model', () => {
  it.each([
    ['a colour', '\u001b[31mred\u001b[0m', '[31mred[0m'],
    ['a terminal title', '\u001b]0;owned\u0007x', ']0;ownedx'],
    ['a link', '\u001b]8;;http://evil\u001b\\click', ']8;;http://evil\\click'],
    ['an eight-bit escape', '\u009b2Jx', '2Jx'],
    ['a carriage return that hides what is before', 'rm -rf /\rls', 'rm -rf /ls'],
    ['a backspace', 'ab\bc', 'abc'],
    ['turned direction', 'a\u202eb\u2066c\u200fd', 'abcd'],
    ['characters without a width', 'r\u200bm\ufeff', 'rm'],
    ['hidden tags', 'a\u{e0041}b', 'ab'],
  ])('loses %s', (_name, text, plain) => {
    expect(plainText(text)).toBe(plain);
    expect(oneLine(text, 100)).not.toMatch(DANGEROUS);
  });

  it('keeps line ends, tabs and every script', () => {
    expect(plainText('a\n\tb äé 日本 🙂')).toBe('a\n\tb äé 日本 🙂');
  });

  it('fits on one line of the length asked', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.integer({ min: 1, max: 50 }), (text, max) => {
        const line = oneLine(text, max);
        expect(line.length).toBeLessThanOrEqual(max);
        expect(line).not.toMatch(DANGEROUS);
        expect(line).not.toMatch(/[\n\r\t\u2028\u2029]/);
      }),
    );
    expect(oneLine('npm test      \n\n   ; rm -rf', 50)).toBe('npm test ; rm -rf');
    expect(oneLine('🙂🙂', 2)).toBe('…');
  });

  it('says what a call is about by its most telling input', () => {
    expect(summarize('Bash', { description: 'List', command: 'ls\n-l' })).toBe('Bash: ls -l');
    expect(summarize('Write', { content: 'x', file_path: 'a.js' })).toBe('Write: a.js');
    expect(summarize('TodoWrite', { todos: [] })).toBe('TodoWrite');
    expect(summarize('Bash', { command: 7 })).toBe('Bash');
  });
});
