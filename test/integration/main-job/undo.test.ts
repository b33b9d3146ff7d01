import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jobPlace, subtask, writes } from './job-place.ts';

describe('a job that was applied', { timeout: 120_000 }, () => {
  it('is undone with one command, is applied again with another, and refuses once the person has gone on', async () => {
    const place = await jobPlace([writes('a')]);
    place.write('notes.txt', 'mine\n');
    const look = () => [place.git('rev-parse', 'HEAD'), place.git('status', '--porcelain'), place.read('notes.txt')];
    const before = look();
    const { run, stderr } = await place.run('--no-checks', '--plan', place.writePlan(subtask('a')));
    expect(stderr).toContain(`To take it back: claude-orchestrator undo ${run.run}`);
    expect(look()).not.toEqual(before);
    expect(await place.command('undo', run.run)).toMatchObject({ code: 0, stderr: expect.stringContaining('Undone') });
    expect(look()).toEqual(before);
    expect((await place.command('undo', run.run)).stderr).toContain('is not applied');
    // The person's own hooks are asked where they want that, and nothing changes when one fails.
    const hook = join(place.root, '.git', 'hooks', 'pre-commit');
    writeFileSync(hook, '#!/bin/sh\necho "not on a Friday" && exit 1\n', { mode: 0o755 });
    const stopped = await place.command('apply', run.run, '--hooks');
    expect(stopped).toMatchObject({ code: 1, stderr: expect.stringContaining('not on a Friday') });
    expect(look()).toEqual(before);
    expect(place.worktrees()).toEqual([]);
    writeFileSync(hook, '#!/bin/sh\ntest -f a.js\n');
    expect(await place.command('apply', run.run, '--hooks')).toMatchObject({ code: 0 });
    expect(await place.command('undo', run.run)).toMatchObject({ code: 0 });
    expect(await place.command('apply', run.run)).toMatchObject({ code: 0 });
    place.git('add', '-A');
    place.git('commit', '--quiet', '-m', 'go on');
    const after = look();
    const refused = await place.command('undo', run.run);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('git revert') });
    expect(look()).toEqual(after);
    expect((await place.command('undo', 'no-such-run')).code).not.toBe(0);
  });
});
