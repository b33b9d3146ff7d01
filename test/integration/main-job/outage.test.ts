import { describe, expect, it, vi } from 'vitest';
import { claudeExecutable, ended, jobPlace, parseRun, subtask, writes } from './job-place.ts';

describe('an API that fails everybody for a while', { timeout: 240_000 }, () => {
  it('is asked by nobody meanwhile: the run says what it waits for, then one tries and all go on', async () => {
    const place = await jobPlace([
      { name: 'down', when: { role: 'worker', attempt: 1 }, answer: { error: { status: 529 } } },
      writes('a'),
      writes('b'),
    ]);
    const plan = place.writePlan(subtask('a'), subtask('b'));
    const result = ended(place.start(['run', '--yes', '--json', '--claude', claudeExecutable, '--plan', plan]));
    await vi.waitFor(
      async () => expect((await place.command('status')).stdout).toMatch(/the API fails .*529.*; tries again in \d+ s/),
      { timeout: 60_000, interval: 500 },
    );
    const asked = place.server.requests({ role: 'worker' }).length;
    const run = parseRun(await result);
    expect(run.status).toBe('completed');
    const attempts = run.attempts.map(({ subtask, outcome }) => [subtask, outcome]);
    expect(attempts).toHaveLength(4);
    expect(attempts.slice(2).every(([, outcome]) => outcome === 'accepted')).toBe(true);
    // Nothing was asked between the failure and the try.
    expect(place.server.requests({ role: 'worker', attempt: 1 })).toHaveLength(asked);
  });
});
