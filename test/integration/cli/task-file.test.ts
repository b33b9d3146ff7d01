import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claudeExecutable, ended, jobPlace, subtask, writes } from '../main-job/job-place.ts';

const planned = { version: 1, title: 'The plan', subtasks: [subtask('a')] };

/** A planner that answers with one subtask, and a worker that does it. */
const place = () =>
  jobPlace([{ name: 'plans', when: { role: 'planner' }, answer: { structured: planned } }, writes('a')]);

/** A text of so many bytes with something to look for at its end. */
const long = (bytes: number): string => `${'Add tests and docs. '.repeat(bytes / 20)}THE-END`;

describe('a task in a file', { timeout: 120_000 }, () => {
  it.each([100_000, 1_000_000])('of %i bytes reaches the planner whole', async (bytes) => {
    const job = await place();
    const file = join(job.state, '..', 'task.md');
    writeFileSync(file, `\ufeff${long(bytes)}\n`);
    const { code, stderr, run } = await job.run('--task-file', file);
    expect(code, stderr).toBe(0);
    expect(run['task']).toBe(long(bytes));
    expect(job.server.requests({ role: 'planner' })[0]?.prompt).toContain(long(bytes));
  });

  it('is read from standard input with "-"', async () => {
    const job = await place();
    const child = job.start(['plan', '--json', '--claude', claudeExecutable, '--task-file', '-'], {}, job.root, 'pipe');
    child.stdin?.end(long(1_000_000));
    const { code, stderr, stdout } = await ended(child);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ title: 'The plan' });
    expect(job.server.requests({ role: 'planner' })[0]?.prompt).toContain('THE-END');
  });
});
