import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { claudeExecutable, ended, jobPlace, parseRun, subtask, writes } from '../main-job/job-place.ts';

const claimSchema = z.looseObject({ owner: z.looseObject({ pid: z.number() }) });

/** Pids of the supervisors of an attempt at this subtask. */
function supervisors(state: string, id: string): number[] {
  const claims = readdirSync(state, { recursive: true, encoding: 'utf8' }).filter((path) =>
    new RegExp(`/attempts/${id}-[^/]+/claim.json$`).test(path),
  );
  return claims.map((path) => claimSchema.parse(JSON.parse(readFileSync(join(state, path), 'utf8'))).owner.pid);
}

describe('an attempt whose supervisor is killed', { timeout: 120_000 }, () => {
  it('is gone on with from its archived session and files, and told the findings once more', async () => {
    const place = await jobPlace([
      { name: 'hangs', when: { role: 'worker', subtask: 'a', userTurn: 2, nth: 1 }, answer: [{ hang: true }] },
      {
        name: 'mends',
        when: { role: 'worker', subtask: 'a', userTurn: '>= 2' },
        answer: [{ overwrite: { 'a.js': 'export const a = 1;\n' } }, 'Mended.'],
      },
      writes('a', 'export const = ;\n'),
    ]);
    const plan = place.writePlan(subtask('a'));
    const run = ended(place.start(['run', '--yes', '--json', '--claude', claudeExecutable, '--plan', plan]));
    await vi.waitFor(() => expect(place.server.requests({ rule: 'hangs' })).toHaveLength(1), {
      timeout: 60_000,
      interval: 50,
    });
    const [pid] = supervisors(place.state, 'a');
    if (pid === undefined) throw new Error('There is no supervisor.');
    process.kill(pid, 'SIGKILL');
    const result = await run;
    const { status, attempts } = parseRun(result);
    expect({ code: result.code, status }).toEqual({ code: 0, status: 'completed' });
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['interrupted', 'accepted']);
    const [first] = place.server.requests({ rule: 'mends' });
    expect(first?.prompt).toContain('a.js:1:');
    expect(first?.body).toContain('Write a.js.');
    // What it wrote in its first session is not written again.
    expect(place.server.requests({ rule: 'a writes' })).toHaveLength(2);
    await place.noneLeft();
  });

  it('is gone on with by the one after the next, where the supervisor of that is killed in its first turn', async () => {
    const place = await jobPlace([
      { name: 'hangs', when: { role: 'worker', subtask: 'a', userTurn: 2, nth: '<= 2' }, answer: [{ hang: true }] },
      {
        name: 'mends',
        when: { role: 'worker', subtask: 'a', userTurn: 2 },
        answer: [{ overwrite: { 'a.js': 'export const a = 1;\n' } }, 'Mended.'],
      },
      writes('a', 'export const = ;\n'),
    ]);
    const plan = place.writePlan(subtask('a'));
    const run = ended(place.start(['run', '--yes', '--json', '--claude', claudeExecutable, '--plan', plan]));
    const killed = new Set<number>();
    for (const count of [1, 2]) {
      await vi.waitFor(() => expect(place.server.requests({ rule: 'hangs' })).toHaveLength(count), {
        timeout: 60_000,
        interval: 50,
      });
      const pid = supervisors(place.state, 'a').find((one) => !killed.has(one));
      if (pid === undefined) throw new Error('There is no supervisor.');
      killed.add(pid);
      process.kill(pid, 'SIGKILL');
    }
    const { status, attempts } = parseRun(await run);
    expect(status).toBe('completed');
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['interrupted', 'interrupted', 'accepted']);
    expect(place.server.requests({ rule: 'mends' })[0]?.prompt).toContain('a.js:1:');
    expect(place.server.requests({ rule: 'a writes' })).toHaveLength(2);
    await place.noneLeft();
  });
});
