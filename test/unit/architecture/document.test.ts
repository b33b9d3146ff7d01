import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..');

describe('ARCHITECTURE.md', () => {
  const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  const paths = [...text.matchAll(/`((?:src|test|media|scripts|bench|\.ci)\/[^`*<>{} ]*)`/g)].map(
    ([, path]) => path ?? '',
  );

  it('names paths', () => {
    expect(paths.length).toBeGreaterThan(20);
  });

  it.each([...new Set(paths)])('names %s, which exists', (path) => {
    expect(existsSync(join(root, path))).toBe(true);
  });
});
