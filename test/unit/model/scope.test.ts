import { matchesGlob } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inScope, scopesOverlap, writableBy } from '../../../src/core/model/scope.ts';

const overlap = (a: string, b: string) => scopesOverlap([a], [b]);

const names = fc.constantFrom('a', 'b', 'ab', 'a.js', 'b.ts', '.a', 'src', 'A', '[id]', '(g)');
const paths = fc.array(names, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
const pieces = fc.constantFrom(
  'a',
  'b',
  '.js',
  '.',
  '*',
  '**',
  '?',
  '[ab]',
  '[!a]',
  '{a,b}',
  '{a/b,b}',
  '{a,{b,ab}}',
  '@(a|b)',
  '!(a)',
  '+(a|b)',
  'src',
);
const segments = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom('*', '**', 'src', 'a', '*.js') },
  { weight: 3, arbitrary: fc.array(pieces, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('')) },
);
const patterns = fc
  .tuple(fc.constantFrom('', '', '', './', '!'), fc.array(segments, { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([start, parts, folder]) => `${start}${parts.join('/')}${folder ? '/' : ''}`);
/** A pattern made from a path, so that matches are frequent. */
const around = (path: string) =>
  fc.array(fc.constantFrom('keep', '*', '**', '?'), { minLength: 4, maxLength: 4 }).map((how) =>
    path
      .split('/')
      .map((part, index) => (how[index] === 'keep' ? part : how[index] === '?' ? part.replace(/\w/, '?') : how[index]))
      .join('/'),
  );

/** What Node itself says, and what is meant by "!" in front, by a folder and by a plain name. */
function matches(pattern: string, path: string): boolean {
  if (pattern.startsWith('!')) return !matches(pattern.slice(1), path);
  const tidy = pattern.replace(/^(\.\/)+/, '');
  return tidy === '' || matchesGlob(path, tidy.endsWith('/') ? `${tidy}**` : tidy) || path === pattern;
}

describe('scopesOverlap', () => {
  it('never says no about two patterns that both match a path', () => {
    const both = fc.tuple(paths, patterns, patterns);
    const near = paths.chain((path) => fc.tuple(fc.constant(path), around(path), fc.oneof(around(path), patterns)));
    let hits = 0;
    fc.assert(
      fc.property(fc.oneof(both, near), ([path, a, b]) => {
        if (!matches(a, path) || !matches(b, path)) return;
        hits += 1;
        expect(overlap(a, b), `${a} and ${b} both match ${path}`).toBe(true);
      }),
      { numRuns: 20_000 },
    );
    expect(hits).toBeGreaterThan(500);
  });

  it('takes a pattern with ".." for one that may match anything', () => {
    expect(overlap('A/b.ts/a.js/b.ts', '*/../*/')).toBe(true);
  });

  it('does not depend on the order', () => {
    fc.assert(
      fc.property(patterns, patterns, (a, b) => {
        expect(overlap(a, b)).toBe(overlap(b, a));
      }),
    );
  });

  it.each([
    ['src/a.js', 'src/b.js'],
    ['src/**', 'test/**'],
    ['src/*.js', 'src/*.ts'],
    ['src/api/**', 'src/web/**'],
    ['src/*', 'src/sub/a.js'],
    ['{docs,test}/**', 'src/{a,b}.js'],
    ['a?c', 'abbc'],
    ['src/**/*.test.ts', 'src/**/*.css'],
  ])('lets %s run beside %s', (a, b) => {
    expect(overlap(a, b)).toBe(false);
  });

  it.each([
    ['src/{a/b,c}.js', 'src/c.js'],
    ['{src,test}/a.js', 'test/*'],
    ['!src/*.js', 'src/a.ts'],
    ['src', 'src/a.js'],
    ['src//a.js', './src/./a.js'],
    ['SRC/A.js', 'src/a.JS'],
    ['caf\u00e9.md', 'cafe\u0301.md'],
    ['app/[id]/page.tsx', 'app/[id]/page.tsx'],
    ['@(src/a|src/b).js', 'src/a.js'],
    ['src/**.js', 'src/deep/down/a.js'],
    ['**', 'anything/at/all'],
    ['.', 'anything/at/all'],
    [`{${Array.from({ length: 100 }, (_, index) => `f${index}`).join(',')}}`, 'f99'],
  ])('keeps %s and %s apart', (a, b) => {
    expect(overlap(a, b)).toBe(true);
  });

  it('takes a missing scope for the whole repository', () => {
    expect(scopesOverlap([], ['src/a.js'])).toBe(true);
    expect(scopesOverlap(['src/a.js'], [])).toBe(true);
  });

  it('is done with pathological patterns at once', () => {
    const stars = '*a'.repeat(250).slice(0, 500);
    const letters = 'a'.repeat(499);
    const folders = '**/'.repeat(166);
    const braces = '{a,b}'.repeat(100);
    const groups = '+(+(+(+(+(a)))))'.repeat(30);
    const started = performance.now();
    for (const a of [stars, `${stars}b`, letters, folders, `${folders}x`, braces, groups, '{'.repeat(500)]) {
      for (const b of [`${stars}c`, `${letters}!`, `${folders}y`, braces, groups, '{a,'.repeat(166)]) overlap(a, b);
    }
    // Backtracking would take longer than anybody lives; this is milliseconds.
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('what a subtask may write', () => {
  it.each([
    [['src/**'], ['docs/index.md'], ['src/**', 'docs/index.md']],
    [['src/**'], ['src/a.js', 'SRC/b.js'], ['src/**']],
    [['src/a.js'], ['src/a.js'], ['src/a.js']],
    [['src/**'], [], ['src/**']],
    [[], ['docs/index.md'], []],
  ])('is with the scope %j and the products %j %j', (scope, produces, writable) => {
    expect(writableBy({ scope, produces })).toEqual(writable);
  });

  it('always holds its products, and meets whoever may write them', () => {
    fc.assert(
      fc.property(fc.array(patterns, { minLength: 1, maxLength: 3 }), paths, paths, (scope, product, other) => {
        const writable = writableBy({ scope, produces: [product] });
        expect(inScope(product, writable)).toBe(true);
        expect(scopesOverlap(writable, [product])).toBe(true);
        // As much as before, for all that is in the scope itself.
        if (inScope(other, scope)) expect(inScope(other, writable)).toBe(true);
      }),
    );
  });
});
