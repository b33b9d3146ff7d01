import { describe, expect, it } from 'vitest';
import { jobPlace, subtask } from './job-place.ts';

/** A test of the project that ends the supervisor of the worker that runs it, and nothing else; `pkill node` does more. */
const KILLS = `
const { readdirSync, readFileSync } = require('node:fs');
const { basename, resolve } = require('node:path');
const runs = resolve('../../runs');
for (const run of readdirSync(runs)) {
  const claim = readFileSync(resolve(runs, run, 'attempts', basename(process.cwd()), 'claim.json'), 'utf8');
  process.kill(JSON.parse(claim).owner.pid, 'SIGKILL');
}
`;

describe.skipIf(process.platform !== 'linux')('a worker that is broken off', { timeout: 180_000 }, () => {
  it('has cost what the CLI says where its time is over in the middle of a turn', async () => {
    const place = await jobPlace([
      {
        name: 'goes on and on',
        when: { role: 'worker', subtask: 'a' },
        answer: Array.from({ length: 400 }, (_, index) => ({
          write: { 'a.js': `export const n = ${index};\n` },
          usage: { input: 1_000, output: 1 },
          latencyMs: 200,
        })),
      },
    ]);
    const { code, run } = await place.run('--plan', place.writePlan(subtask('a')), '--attempt-minutes', '0.3');
    expect(code).toBe(1);
    expect(run.subtasks[0]).toMatchObject({ status: 'failed', reason: 'It did not finish within 0.3 minutes.' });
    const { used, committed } = run.budgets.tokens;
    expect(used).toBeGreaterThan(1_000);
    expect(committed).toBe(used);
    expect(run.costUsd).toBeGreaterThan(0);
    // By the CLI itself: nothing of it is an estimate.
    expect(run.attempts[0]).toMatchObject({ costUsd: run.costUsd, estimatedUsd: 0 });
    await place.noneLeft();
  });

  it('is given up where it ends its own supervisor each time, and has cost what its messages say', async () => {
    const place = await jobPlace([
      {
        name: 'tests',
        when: { role: 'worker', subtask: 'a' },
        answer: [{ bash: 'npm test', usage: { input: 5_000, output: 10 } }, 'All tests pass.'],
      },
    ]);
    place.write('package.json', JSON.stringify({ name: 'p', scripts: { test: 'node kills.cjs' } }));
    place.write('kills.cjs', KILLS);
    place.git('add', '-A');
    place.git('commit', '--quiet', '-m', 'a test that ends too much');
    const { code, run } = await place.run('--plan', place.writePlan(subtask('a')));
    expect(code).toBe(1);
    expect(run.subtasks[0]).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/ended its supervisor 5 times in a row.*npm test/),
    });
    expect(run.attempts.map(({ outcome }) => outcome)).toEqual(Array(5).fill('interrupted'));
    expect(run.budgets.tokens.used).toBeGreaterThanOrEqual(25_000);
    expect(run.budgets.tokens.committed).toBe(run.budgets.tokens.used);
    for (const { costUsd, estimatedUsd } of run.attempts) {
      expect(costUsd).toBeGreaterThan(0);
      expect(estimatedUsd).toBe(costUsd);
    }
    await place.noneLeft();
  });
});
