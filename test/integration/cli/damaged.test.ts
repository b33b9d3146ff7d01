import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claudeExecutable, jobPlace, parseRun, subtask, writes } from '../main-job/job-place.ts';

describe('a run whose journal was damaged', { timeout: 120_000 }, () => {
  it('is named with what to do, is cut before the damage, and goes on from there', async () => {
    const place = await jobPlace([writes('a'), writes('b')]);
    const plan = place.writePlan(subtask('a'), subtask('b', { dependsOn: ['a'] }));
    const { run } = await place.run('--no-checks', '--plan', plan);
    expect(run.status).toBe('completed');
    const [repository = ''] = readdirSync(place.state);
    const file = join(place.state, repository, 'runs', run.run, 'journal', '000001.ndjson');
    const journal = readFileSync(file);

    const ended = await place.command('resume', run.run);
    expect(ended.stderr).toContain(`The run ${run.run} has ended already (completed).`);
    expect((await place.command('repair', run.run)).stderr).toContain('is whole: nothing was changed');

    appendFileSync(file.replace('000001', '000002'), '{"batch":{"by');
    expect((await place.command('status')).stdout).toMatch(/000002\.ndjson: what follows byte \d+ is no whole batch/);

    const merged = journal.indexOf('"integration.merged"');
    const damaged = Buffer.from(journal);
    damaged[journal.indexOf('"attempt.launching"', merged)] = 0;
    writeFileSync(file, damaged);
    const status = await place.command('status');
    expect(status.stdout).toContain('is damaged at byte');
    expect(status.stdout).toContain('claude-orchestrator repair RUN');
    expect((await place.command('resume', run.run, '--yes')).code).toBe(1);

    const repaired = await place.command('repair', run.run);
    expect(repaired.stderr).toContain('000001.ndjson, byte');
    expect(repaired.code).toBe(0);
    const resumed = parseRun(await place.command('resume', run.run, '--yes', '--json', '--claude', claudeExecutable));
    expect(resumed).toMatchObject({ status: 'completed', applied: null });
    const attempts = resumed.attempts.map(({ id, subtask }) => [subtask, run.attempts.some((one) => one.id === id)]);
    expect(attempts).toEqual([
      ['a', true],
      ['b', false],
    ]);
    await place.noneLeft();
  });
});
