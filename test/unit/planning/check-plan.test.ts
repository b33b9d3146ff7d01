import { describe, expect, it } from 'vitest';
import { checkPlan } from '../../../src/core/planning/check-plan.ts';

const subtask = (id: string, more: object = {}) => ({ id, title: id, instructions: 'Do it.', ...more });
const plan = (...subtasks: object[]) => ({ version: 1, title: 'A plan', subtasks });
const check = (value: unknown, maxSubtasks = 15) => checkPlan(value, { maxSubtasks });
const problems = (value: unknown, maxSubtasks = 15) => {
  const checked = check(value, maxSubtasks);
  return checked.ok ? [] : checked.error;
};

describe('checkPlan', () => {
  it('fills in what a plan may leave out', () => {
    expect(check(plan(subtask('a')))).toEqual({
      ok: true,
      value: plan({ ...subtask('a'), dependsOn: [], scope: [], produces: [] }),
    });
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'First, I would look at the code.'],
    ['a list', [subtask('a')]],
    ['an empty object', {}],
    ['no subtasks', plan()],
    ['another version', { ...plan(subtask('a')), version: 2 }],
    ['a field nobody knows', plan(subtask('a', { command: 'rm -rf /' }))],
    ['subtasks that are none', plan(null as never, 7 as never)],
    ['an estimate of minus one second', plan(subtask('a', { estimate: { seconds: -1 } }))],
    ['instructions of 100,001 characters', plan(subtask('a', { instructions: 'x'.repeat(100_001) }))],
    ['blank instructions', plan(subtask('a', { instructions: ' \n ' }))],
  ])('refuses %s and says why', (_name, value) => {
    expect(problems(value).length).toBeGreaterThan(0);
    for (const problem of problems(value)) expect(problem).toMatch(/^.+: .+$/);
  });

  it('names the subtask and the field', () => {
    expect(problems(plan(subtask('a'), subtask('b', { dependsOn: 'a' })))).toEqual([
      expect.stringContaining('subtask "b", dependsOn: '),
    ]);
    expect(problems(plan({ title: 'no id' }))).toContainEqual(expect.stringContaining('subtasks[0], id: '));
  });

  it.each(['', '.hidden', '-flag', 'a b', 'a/b', '../a', 'a..b', 'a.', 'a.lock', 'ä', 'x'.repeat(65), 'a\n'])(
    'refuses the id %j, which could not be a ref or a folder',
    (id) => {
      expect(problems(plan(subtask(id)))).not.toEqual([]);
    },
  );

  it('refuses ids that differ in case only', () => {
    expect(problems(plan(subtask('api'), subtask('API')))).toEqual(['subtask "API": the id is used twice']);
  });

  it('refuses dependencies on nobody, on itself, in a circle and twice', () => {
    expect(problems(plan(subtask('a', { dependsOn: ['ghost'] })))).toEqual([
      'subtask "a", dependsOn: there is no subtask "ghost"',
    ]);
    expect(problems(plan(subtask('a', { dependsOn: ['a'] })))[0]).toContain('"a" → "a"');
    expect(problems(plan(subtask('a', { dependsOn: ['b'] }), subtask('b', { dependsOn: ['a'] })))[0]).toContain(
      '"a" → "b" → "a"',
    );
    expect(problems(plan(subtask('a'), subtask('b', { dependsOn: ['a', 'a'] })))[0]).toContain('twice');
  });

  it.each([
    '/etc/passwd',
    '../other/**',
    'src/../../x',
    'C:/Windows',
    'c:x',
    'src\\a.js',
    '~/.ssh/**',
    '.git/hooks/*',
    '.GIT/config',
    'sub/.git/config',
    'a\0b',
  ])('refuses the path %j as scope and as product', (path) => {
    expect(problems(plan(subtask('a', { scope: [path] })))).toHaveLength(1);
    expect(problems(plan(subtask('a', { produces: [path] })))).toHaveLength(1);
  });

  it.each(['src/**', 'src/*.js'])('takes the pattern %j as scope and not as a promised file', (path) => {
    expect(problems(plan(subtask('a', { scope: [path] })))).toEqual([]);
    expect(problems(plan(subtask('a', { produces: [path] })))).toHaveLength(1);
  });

  it.each(['./src/a.js', '.github/workflows/ci.yml', 'a..b/c', '.gitignore', 'app/[id]/page.tsx'])(
    'takes the path %j',
    (path) => {
      expect(problems(plan(subtask('a', { scope: [path], produces: [path] })))).toEqual([]);
    },
  );

  it('takes as many subtasks as the limit says, and checks 500 of them quickly', () => {
    const chain = Array.from({ length: 500 }, (_, index) =>
      subtask(`s${index}`, { dependsOn: index === 0 ? [] : [`s${index - 1}`] }),
    );
    expect(problems(plan(...chain), 500)).toEqual([]);
    expect(problems(plan(...chain), 499)).toEqual([expect.stringContaining('there are 500, at most 499')]);
    const dense = Array.from({ length: 500 }, (_, index) =>
      subtask(`s${index}`, { dependsOn: Array.from({ length: index }, (_unused, other) => `s${other}`) }),
    );
    expect(problems(plan(...dense), 500)).toEqual([]);
  });
});
