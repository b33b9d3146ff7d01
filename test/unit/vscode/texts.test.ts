import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { BUNDLE, bundle, texts as editorTexts } from '../../../scripts/l10n/texts.ts';
import { t } from '../../../src/vscode/translate.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const manifest = readFileSync(join(root, 'package.json'), 'utf8');
const texts = z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(join(root, 'package.nls.json'), 'utf8')));

describe('the texts of the manifest', () => {
  it('are each there and used', () => {
    const used = new Set([...manifest.matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key));
    expect([...used].toSorted()).toEqual(Object.keys(texts).toSorted());
  });

  it('are translatable wherever a person reads them', () => {
    const read = /"(title|description|markdownDescription|contents)": "(?!%)[^"]+"/g;
    const left = [...manifest.matchAll(read)].map(([found]) => found);
    // The product's name is the same in every language.
    expect(left.filter((found) => found !== '"title": "Claude Orchestrator"')).toEqual([]);
  });
});

describe('the texts of the editor', () => {
  it('are all in the bundle for translators: npm run l10n', () => {
    expect(editorTexts().made).toEqual([]);
    expect(readFileSync(BUNDLE, 'utf8')).toBe(bundle());
  });

  it('show no text of their own in notifications, dialogs and inputs that stays English', () => {
    const raw = /show(Information|Warning|Error)Message\(\s*['"`][A-Z]|(placeHolder|prompt): ['"`][A-Z]/;
    for (const file of globSync('src/vscode/**/*.ts', { cwd: root }))
      expect(readFileSync(join(root, file), 'utf8'), file).not.toMatch(raw);
  });

  it('are in English where no translation is there, with their values in them', () => {
    expect(t('{0} of {1} merged', 1, '3 {0}')).toBe('1 of 3 {0} merged');
  });
});
