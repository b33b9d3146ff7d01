import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { claudeExecutable, ended, jobPlace, parseRun, subtask, writes } from '../main-job/job-place.ts';

const WHY = 'no file system can be mounted here';

/** Mounts a file system in a folder where the machine lets us; false where it does not. */
function mount(folder: string, options: string): boolean {
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return false;
  }
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
  return true;
}

const remount = (folder: string, options: string): void => {
  execFileSync('mount', ['-o', `remount,${options}`, folder]);
};

function fill(folder: string): void {
  const file = join(folder, 'fill');
  try {
    for (let size = 1 << 20; ; size *= 2) writeFileSync(file, Buffer.alloc(size));
  } catch {
    // Full now.
  }
}

const runArgs = (plan: string) => ['run', '--yes', '--json', '--claude', claudeExecutable, '--plan', plan];

describe('a disk that is no use', { timeout: 120_000 }, () => {
  it('under a read-only state folder is named, with what to do; what was there can still be shown', async ({
    skip,
  }) => {
    const place = await jobPlace([writes('a'), writes('b')]);
    if (!mount(place.state, 'size=64m,mode=0700')) return skip(WHY);
    expect((await place.command(...runArgs(place.writePlan(subtask('a'))))).code).toBe(0);
    remount(place.state, 'ro');
    const { code, stderr } = await place.command(...runArgs(place.writePlan(subtask('b'))));
    expect(code).toBe(1);
    expect(stderr).toContain(place.state);
    expect(stderr).toContain('read-only file system');
    expect(stderr).toContain('CLAUDE_ORCHESTRATOR_STATE_HOME');
    expect(stderr).not.toMatch(/^\s+at /m);
    expect((await place.command('status')).stdout).toContain('completed');
    remount(place.state, 'rw');
  });

  it('that fills up under the state while a worker runs stops the run with a message, and it can be resumed', async ({
    skip,
  }) => {
    const place = await jobPlace([
      { name: 'waits', when: { role: 'worker', turn: 2 }, answer: { text: 'Done.', gate: 'go' } },
      writes('a'),
    ]);
    if (!mount(place.state, 'size=32m,mode=0700')) return skip(WHY);
    const plan = place.writePlan(subtask('a'));
    const result = ended(place.start(runArgs(plan)));
    await place.server.waitForRequest({ subtask: 'a', turn: 2 }, 30_000);
    fill(place.state);
    place.server.open('go');
    const { code, stderr } = await result;
    expect(code).toBe(1);
    expect(stderr).toMatch(/ENOSPC|no space left/i);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(place.git('status', '--porcelain')).toBe('');
    rmSync(join(place.state, 'fill'));
    const resumed = await place.command('resume', '--yes', '--json', '--claude', claudeExecutable);
    expect(resumed.stderr).not.toMatch(/^\s+at /m);
    expect(resumed.code, stderr + resumed.stderr).toBe(0);
    expect(parseRun(resumed).status).toBe('completed');
  });

  it('that is full under the worktrees fails the subtask with what git says, and nothing else', async ({ skip }) => {
    const place = await jobPlace([writes('a')]);
    writeFileSync(join(place.root, 'large.txt'), 'x'.repeat(3_000_000));
    place.git('add', '-A');
    place.git('commit', '--quiet', '-m', 'large');
    expect((await place.command('status')).code).toBe(0);
    const worktrees = execFileSync('find', [place.state, '-name', 'worktrees'], { encoding: 'utf8' }).trim();
    if (!mount(worktrees, 'size=1m,mode=0700')) return skip(WHY);
    const { code, stdout, stderr } = await place.command(...runArgs(place.writePlan(subtask('a'))));
    expect(code).toBe(1);
    const run = parseRun({ code, stdout, stderr });
    expect(run.subtasks).toMatchObject([
      { status: 'failed', reason: expect.stringMatching(/No worktree could be made for it: .*Look at the disk/s) },
    ]);
    expect(run.subtasks[0]?.reason).toMatch(/no space left on device|unable to write/i);
    expect(place.git('status', '--porcelain')).toBe('');
    expect(existsSync(worktrees)).toBe(true);
  });
});
