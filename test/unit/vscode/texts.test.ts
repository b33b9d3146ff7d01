import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

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
