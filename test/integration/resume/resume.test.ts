import { describe, expect, it, vi } from 'vitest';
import { type Workplace, withClaude, workplace } from './workplace.ts';

const TASK = 'Add farewells and formal greetings';
const MERGED = ['README.md', 'src/farewell.js', 'src/formal.js', 'src/index.js', 'test/index.test.js'];

const reached = (place: Workplace, type: string, times = 1) =>
  vi.waitFor(() => expect(place.events().filter((event) => event === type).length).toBeGreaterThanOrEqual(times), {
    timeout: 60_000,
    interval: 5,
  });

/** What must hold after every crash: the same result as without one, and nothing done or started twice. */
async function expectWhole(place: Workplace): Promise<void> {
  const state = place.state();
  expect(state?.status).toBe('completed');
  expect(state?.applied?.files.map(({ path }) => path).sort()).toEqual(MERGED);
  expect(place.events().filter((event) => event === 'integration.merged')).toHaveLength(4);
  expect((await place.git('status', '--porcelain')).trim()).toBe('');
  expect((await place.git('rev-list', '--count', 'HEAD')).trim()).toBe('3');
  for (const { subtask, attempts } of state?.subtasks.values() ?? []) {
    for (let attempt = 1; attempt <= attempts.length; attempt += 1) {
      const sessions = place.server.sessions({ role: 'worker', subtask: subtask.id, attempt });
      // None for an attempt that was taken away before its supervisor came.
      expect(new Set(sessions).size, `claude processes of ${subtask.id}, attempt ${attempt}`).toBeLessThanOrEqual(1);
    }
  }
  expect(await place.leftovers()).toEqual([]);
  place.server.assertNoUnmatched();
}

describe('a run whose orchestrator was killed', () => {
  it.each([
    ['while the planner works', 'attempt.launching', 1],
    ['while workers are being launched', 'attempt.launching', 2],
    ['after a worker was launched', 'attempt.launched', 2],
    ['after a result was captured', 'attempt.captured', 1],
    ['after findings were sent back', 'attempt.sent-back', 1],
    ['while a result is being merged', 'integration.started', 1],
    ['while the last results are being merged', 'integration.started', 4],
  ])('is whole after a resume: %s', { timeout: 180_000 }, async (_, event, times) => {
    const place = await workplace();
    const first = place.start('run', TASK, '--yes', ...withClaude);
    await reached(place, event, times);
    first.kill('SIGKILL');
    await first.ended;
    const { code, output } = await place.run('resume', '--yes', ...withClaude);
    expect(output).toContain('Applied to main');
    expect(code).toBe(0);
    await expectWhole(place);
  });

  it('keeps what its workers did meanwhile', { timeout: 180_000 }, async () => {
    const place = await workplace();
    const first = place.start('run', TASK, '--yes', ...withClaude);
    await reached(place, 'attempt.launched', 3);
    first.kill('SIGKILL');
    await first.ended;
    // Both workers end their turns with nobody there.
    await place.server.waitForRequest({ subtask: 'farewell', turn: 2 }, 30_000);
    await place.server.waitForRequest({ subtask: 'formal', turn: 2 }, 30_000);
    expect((await place.run('resume', '--yes', ...withClaude)).code).toBe(0);
    expect(place.server.requests({ subtask: 'farewell' })).toHaveLength(2);
    await expectWhole(place);
  });

  it('is cancelled to the end when its cancel had begun', { timeout: 180_000 }, async () => {
    const place = await workplace();
    const first = place.start('run', TASK, '--yes', ...withClaude);
    await reached(place, 'attempt.launched', 3);
    first.kill('SIGINT');
    await reached(place, 'run.cancelling');
    first.kill('SIGKILL');
    await first.ended;
    const { code } = await place.run('resume', '--yes', ...withClaude);
    expect(code).toBe(1);
    expect(place.state()?.status).toBe('cancelled');
    expect(await place.leftovers()).toEqual([]);
    expect((await place.git('status', '--porcelain')).trim()).toBe('');
  });

  it('is refused while its owner lives, naming it', { timeout: 180_000 }, async () => {
    const place = await workplace();
    const first = place.start('run', TASK, '--yes', ...withClaude);
    await reached(place, 'attempt.launched', 1);
    const { code, output } = await place.run('resume', '--yes', ...withClaude);
    expect(code).toBe(1);
    expect(output).toContain(`The command line (process ${first.pid}`);
    expect(await first.ended).toBe(0);
    await expectWhole(place);
  });
});
