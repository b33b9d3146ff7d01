import { describe, expect, it } from 'vitest';
import { languageOf } from '../../../src/core/validation/language.ts';

describe('the language of a path', () => {
  it.each([
    ['src/a.js', 'javascript'],
    ['A.MJS', 'javascript'],
    ['a.cjs', 'javascript'],
    ['a.jsx', 'jsx'],
    ['a.d.ts', 'typescript'],
    ['a.mts', 'typescript'],
    ['C:\\work\\a.cts', 'typescript'],
    ['a.tsx', 'tsx'],
    ['package.json', 'json'],
    ['settings.json', 'json'],
    ['a/.vscode/settings.json', 'jsonc'],
    ['tsconfig.build.json', 'jsonc'],
    ['.eslintrc.json', 'jsonc'],
    ['a.jsonc', 'jsonc'],
    ['.github/workflows/ci.yml', 'yaml'],
    ['a.yaml', 'yaml'],
    ['a.pyi', 'python'],
    ['README.md', null],
    ['Makefile', null],
    ['js', null],
    ['a.json5', null],
  ])('%s is %s', (path, language) => {
    expect(languageOf(path)).toBe(language);
  });

  it('is told by the contents where the name leaves it open', () => {
    expect(languageOf('.eslintrc', '// x\n{}')).toBe('jsonc');
    expect(languageOf('.eslintrc', 'root: true')).toBe('yaml');
    expect(languageOf('app_de.ts', '<?xml version="1.0"?>\n<!DOCTYPE TS>')).toBeNull();
    expect(languageOf('chart/templates/a.yaml', '{{- if .Values.a }}\na: 1\n{{- end }}')).toBeNull();
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of GitHub's
    expect(languageOf('.github/workflows/ci.yml', 'a: ${{ matrix.x }}')).toBe('yaml');
  });
});
