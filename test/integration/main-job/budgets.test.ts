import { describe, expect, it } from 'vitest';
import { jobPlace, subtask, writes } from './job-place.ts';

/** A worker that writes one file after the other, a thousand tokens each. */
const writesOn = (name: string) => ({
  name,
  when: { role: 'worker' as const, subtask: name },
  answer: Array.from({ length: 40 }, (_, index) => ({
    write: { [`${name}.js`]: `export const n = ${index};\n` },
    usage: { input: 1_000, output: 1, cacheRead: 50_000 },
    latencyMs: 100,
  })),
});

describe('a job with a cap of tokens', { timeout: 120_000 }, () => {
  it('stops the worker that passes it in the middle of its turn, and starts no other', async () => {
    const place = await jobPlace([writesOn('a'), writes('b')]);
    const plan = place.writePlan(subtask('a', { scope: ['**'] }), subtask('b', { scope: ['**'] }));
    const { code, run } = await place.run('--plan', plan, '--max-tokens', '5000', '--concurrency', '1');
    expect(code).toBe(1);
    expect(run.subtasks[0]).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('It used up its budget of 5,000 tokens'),
    });
    expect(run.subtasks[1]).toMatchObject({
      status: 'waiting',
      waitsFor: 'budget',
      reason: 'the token cap of 5,000 tokens is reached',
      attempts: [],
    });
    const asked = place.server.requests({ subtask: 'a' }).length;
    expect(asked).toBeGreaterThan(4);
    expect(asked).toBeLessThan(15);
    // Those from the prompt cache do not count, and what the CLI told at the end does.
    const { used, committed, cap } = run.budgets.tokens;
    expect({ committed, cap }).toEqual({ committed: used, cap: 5_000 });
    expect(used).toBeGreaterThan(5_000);
    expect(used).toBeLessThan(15_000);
    await place.noneLeft();
  });
});

describe('a worker that passes its share of what a run has', { timeout: 120_000 }, () => {
  const plan = [subtask('a'), subtask('b')];
  const goesOn = {
    name: 'a goes on',
    when: { role: 'worker' as const, subtask: 'a', userTurn: '>= 2', prompt: '/You were interrupted/' },
    answer: [
      { write: { 'rest.js': 'export const rest = 1;\n' }, usage: { input: 1_000, output: 1 } },
      'All of it is there.',
    ],
  };

  it('goes on with its files and its session and another share of tokens', async () => {
    const place = await jobPlace([goesOn, writesOn('a'), writes('b')]);
    const scope = ['a.js', 'rest.js'];
    const file = place.writePlan({ ...plan[0], scope, produces: scope }, plan[1] ?? {});
    const { code, run } = await place.run('--plan', file, '--max-tokens', '60000');
    expect({ code, status: run.status }).toEqual({ code: 0, status: 'completed' });
    const ofA = run.attempts.filter(({ subtask: of }) => of === 'a');
    expect(ofA.map(({ outcome }) => outcome)).toEqual(['interrupted', 'accepted']);
    expect(ofA[0]?.detail).toContain('It used up its budget of 30,000 tokens');
    // It wrote this before, and the second worker did not.
    expect(place.read('a.js')).toMatch(/export const n = \d+;/);
    expect(place.read('rest.js')).toBe('export const rest = 1;\n');
    expect(run.budgets.tokens.used).toBeLessThan(60_000);
    await place.noneLeft();
  });

  it('does so in dollars too, which the CLI counts', async () => {
    const place = await jobPlace([goesOn, writesOn('a'), writes('b')]);
    const scope = ['a.js', 'rest.js'];
    const file = place.writePlan({ ...plan[0], scope, produces: scope }, plan[1] ?? {});
    const { code, run } = await place.run('--plan', file, '--attempt-cost', '0.2', '--max-cost', '2');
    const ofA = run.attempts.filter(({ subtask: of }) => of === 'a');
    // The limit of an attempt is one of all its parts.
    expect(code).toBe(1);
    expect(ofA.map(({ outcome }) => outcome)).toEqual(['interrupted']);
    expect(run.subtasks[0]).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('It used up its budget'),
    });
    const cheap = ['--plan', file, '--max-cost', String(2 * (ofA[0]?.costUsd ?? 0) * 1.5), '--no-reuse'];
    const second = await place.run(...cheap);
    expect({ code: second.code, status: second.run.status }).toEqual({ code: 0, status: 'completed' });
    await place.noneLeft();
  });
});
