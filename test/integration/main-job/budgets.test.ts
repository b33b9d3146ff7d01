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
