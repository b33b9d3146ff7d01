import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jobPlace, runSchema } from './job-place.ts';

describe('the sample task on the command line, with the real CLI', { timeout: 120_000 }, () => {
  it('is planned, worked on in parallel, checked, mended, merged and applied', async () => {
    const place = await jobPlace();
    place.write('notes/mine.txt', 'not committed\r\n\0binary');
    place.write('package.json', `${place.read('package.json')}\n\n`);
    const dirty = place.git('status', '--porcelain');
    const before = place.git('rev-parse', 'HEAD');
    const { code, run, stderr } = await place.run('Add farewells and formal greetings');

    expect(code, stderr).toBe(0);
    expect(run).toMatchObject({ status: 'completed', base: before });
    expect(run.subtasks.map(({ id, status }) => [id, status])).toEqual(
      ['farewell', 'formal', 'entry', 'readme'].map((id) => [id, 'completed']),
    );
    // The planner, and one attempt for each subtask, all of which ended well.
    expect(run.attempts).toHaveLength(5);
    for (const attempt of run.attempts) expect(attempt).toMatchObject({ exit: 0, outcome: 'accepted' });
    expect(run.costUsd).toBeCloseTo(run.attempts.reduce((sum, { costUsd }) => sum + costUsd, 0));
    expect(run.costUsd).toBeGreaterThan(0);
    place.server.assertNoUnmatched();
    expect(place.server.unusedRules()).toEqual([]);
    expect(place.server.requests().every(({ credential }) => credential === 'test')).toBe(true);
    expect(place.server.maxConcurrent({ role: 'worker' })).toBeGreaterThan(1);
    // What git says of a worktree would only cost tokens, and make each prompt begin differently.
    expect(place.server.requests().filter(({ body }) => body.includes('Recent commits'))).toEqual([]);

    // One commit on the person's branch, with the files of all four and nothing of what they had not committed.
    expect(place.git('rev-list', '--count', `${before}..HEAD`)).toBe('1');
    expect(place.git('diff', '--name-only', before, 'HEAD').split('\n')).toEqual([
      'README.md',
      'src/farewell.js',
      'src/formal.js',
      'src/index.js',
      'test/index.test.js',
    ]);
    expect(place.git('status', '--porcelain')).toBe(dirty);
    expect(readFileSync(join(place.root, 'notes/mine.txt'), 'latin1')).toBe('not committed\r\n\0binary');
    expect(place.read('package.json').endsWith('}\n\n\n')).toBe(true);
    expect(place.read('src/formal.js').trimEnd().endsWith('}')).toBe(true);

    // Nothing is left but refs and the journal.
    await place.noneLeft();
    expect(place.worktrees()).toEqual([]);
    expect(place.git('worktree', 'list').split('\n')).toHaveLength(1);
    expect(place.refs()).toContain(`refs/claude-orchestrator/runs/${run.run}/integration`);
    expect(place.git('branch', '--list').split('\n')).toHaveLength(1);

    const status = JSON.parse((await place.command('status', '--json')).stdout) as { runs: unknown[]; owner: unknown };
    expect(status.owner).toBeNull();
    expect(status.runs).toHaveLength(1);
    expect(runSchema.parse(status.runs[0])).toMatchObject({ run: run.run, applied: { branch: 'main' } });

    // Applying again has nothing to do and says so; that is no failure.
    const again = await place.command('apply', run.run);
    expect(again).toMatchObject({ code: 0, stderr: expect.stringMatching(/nothing|already/) });
  });
});
