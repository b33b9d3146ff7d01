import { describe, expect, it } from 'vitest';
import { linkProblems } from '../../../src/core/planning/check-links.ts';
import type { Repository, TreeEntry } from '../../../src/core/ports/repository.ts';

const links: Readonly<Record<string, string>> = {
  out: '../elsewhere',
  absolute: '/etc',
  inner: 'src',
  'src/up': '../../other',
  'docs/alias.md': 'guide.md',
};
const entry = (target: string): TreeEntry => ({ kind: 'link', object: '0', bytes: 1, target });
const repository = {
  entries: async (_: string, paths: readonly string[]) =>
    new Map(paths.flatMap((path) => (links[path] === undefined ? [] : [[path, entry(links[path])] as const]))),
} as Partial<Repository> as Repository;

const problems = (field: 'scope' | 'produces', ...paths: string[]) => {
  const fields = { scope: [], produces: [], [field]: paths };
  const subtask = { id: 'a', title: 'A', instructions: 'Do it.', dependsOn: [], ...fields };
  const plan = { version: 1 as const, title: 'A plan', subtasks: [subtask] };
  return linkProblems(plan, repository, 'f'.repeat(40), new AbortController().signal);
};

describe('paths of a plan', () => {
  it.each([
    ['out', 'leaves the repository through the link "out", which leads to "../elsewhere"'],
    ['out/file.js', 'leaves the repository through the link "out"'],
    ['./out/**', 'leaves the repository through the link "out"'],
    ['absolute/passwd', 'which leads to "/etc"'],
    ['src/up/*.js', 'leaves the repository through the link "src/up"'],
    ['inner/a.js', 'goes through the link "inner"; name the files where they are, in "src"'],
  ])('that go through a link are refused: %s', async (path, reason) => {
    for (const field of ['scope', 'produces'] as const) {
      const [problem] = await problems(field, path);
      expect(problem).toContain(`subtask "a", ${field}: "${path}" `);
      expect(problem).toContain(reason);
    }
  });

  it('may name a link that stays inside, and patterns that start before one', async () => {
    expect(await problems('scope', 'docs/alias.md', 'inner', 'src/**', '**/*.js', '{out,docs}/x', '*')).toEqual([]);
  });
});
