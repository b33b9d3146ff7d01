import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { claudeExecutable, ended, jobPlace, parseRun, subtask, writes } from './job-place.ts';

const interrupt = (child: ChildProcess): void => {
  // As a terminal does it: the whole foreground group.
  process.kill(-(child.pid ?? 0), 'SIGINT');
};

async function until(what: string, holds: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`It did not happen: ${what}`);
    await sleep(50);
  }
}

describe('a job that is interrupted', { timeout: 120_000 }, () => {
  it('ends with its workers, keeps what they wrote, and says so', async () => {
    const place = await jobPlace([
      {
        name: 'hangs',
        when: { role: 'worker', subtask: 'slow' },
        answer: [{ write: { 'slow.js': 'half done\n' } }, { hang: true }],
      },
      writes('quick'),
    ]);
    const plan = place.writePlan(subtask('slow'), subtask('quick'), subtask('after', { dependsOn: ['slow'] }));
    const child = place.start(['run', '--yes', '--json', '--claude', claudeExecutable, '--plan', plan]);
    const result = ended(child);
    await place.server.waitForRequest({ subtask: 'slow', turn: 2 }, 30_000);
    await until('quick is merged', () => place.refs().some((ref) => ref.endsWith('/integration')));
    interrupt(child);
    const { code, stdout, stderr } = await result;
    const run = parseRun({ code, stdout, stderr });
    expect(code).toBe(1);
    expect(run.status).toBe('cancelled');
    expect(run.subtasks.map(({ status }) => status)).toEqual(['cancelled', 'completed', 'cancelled']);
    await place.noneLeft();
    expect(place.worktrees()).toEqual([]);
    const snapshot = place.refs().find((ref) => ref.includes('/snapshots/slow-'));
    expect(place.git('show', `${snapshot}:slow.js`)).toBe('half done');
    expect(place.git('status', '--porcelain')).toBe('');
    expect(place.server.requests({ subtask: 'after' })).toEqual([]);
  });

  it('ends a command that a worker runs, though it is in a session of its own and deaf', async () => {
    const command = 'sh -c "trap : TERM INT HUP; echo up > up.txt; while :; do sleep 0.2; done"';
    const place = await jobPlace([{ name: 'runs', when: { role: 'worker' }, answer: { bash: `setsid ${command}` } }]);
    const check = `setsid ${command}`;
    const args = [
      'run',
      '--yes',
      '--claude',
      claudeExecutable,
      '--check-command',
      check,
      '--plan',
      place.writePlan(subtask('a')),
    ];
    const child = place.start(args);
    const result = ended(child);
    await until('the command runs', () => place.running().length >= 5);
    interrupt(child);
    expect(await result).toMatchObject({ code: 1 });
    await place.noneLeft();
  });

  it("ends a check of the project's own that is deaf, with what it has started, and leaves no worktree", async () => {
    const place = await jobPlace([writes('a'), { name: 'hangs', when: { subtask: 'b' }, answer: { hang: true } }]);
    const deaf = 'trap : TERM INT HUP; setsid sleep 300 & echo up > "$1"; while :; do sleep 0.2; done';
    const mark = join(mkdtempSync(join(tmpdir(), 'deaf-')), 'up');
    const checks = [{ name: 'deaf', command: ['sh', '-c', deaf, 'sh', mark] }];
    place.write('.claude-orchestrator/config.jsonc', JSON.stringify({ checks }));
    place.git('add', '-A');
    place.git('commit', '--quiet', '-m', 'check');
    const plan = place.writePlan(subtask('a'), subtask('b'), subtask('c', { dependsOn: ['a'] }));
    const child = place.start(['run', '--yes', '--json', '--claude', claudeExecutable, '--plan', plan]);
    const result = ended(child);
    await until('the check runs', () => existsSync(mark));
    interrupt(child);
    const { code, stdout, stderr } = await result;
    expect(code).toBe(1);
    const run = parseRun({ code, stdout, stderr });
    expect(run.subtasks.map(({ status }) => status)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    expect(run.integrated).toBe(run.base);
    expect(run.budgets.tokens.committed).toBe(run.budgets.tokens.used);
    await place.noneLeft();
    expect(place.worktrees()).toEqual([]);
    // The repository is free for the next.
    expect((await place.run('--plan', place.writePlan(subtask('b')), '--max-minutes', '0.01')).run.status).toBe(
      'failed',
    );
  });

  it('ends the planner too', async () => {
    const place = await jobPlace([{ name: 'thinks', when: { role: 'planner' }, answer: { hang: true } }]);
    const child = place.start(['run', '--yes', '--json', '--claude', claudeExecutable, 'A task']);
    const result = ended(child);
    await place.server.waitForRequest({ role: 'planner' }, 30_000);
    interrupt(child);
    const { code, stdout, stderr } = await result;
    expect(code).toBe(1);
    expect(parseRun({ code, stdout, stderr })).toMatchObject({
      status: 'cancelled',
      attempts: [{ outcome: 'cancelled' }],
    });
    await place.noneLeft();
  });

  it('is left at once by a second interrupt', async () => {
    const place = await jobPlace([{ name: 'hangs', when: { role: 'worker' }, answer: { hang: true } }]);
    const child = place.start(['run', '--yes', '--claude', claudeExecutable, '--plan', place.writePlan(subtask('a'))]);
    const result = ended(child);
    await place.server.waitForRequest({ subtask: 'a' }, 30_000);
    interrupt(child);
    await sleep(50);
    interrupt(child);
    expect((await result).code).toBe(1);
  });

  it('lets nobody else work on the repository meanwhile, and tells who does', async () => {
    const place = await jobPlace([{ name: 'hangs', when: { role: 'worker' }, answer: { hang: true } }]);
    const plan = place.writePlan(subtask('a'));
    const child = place.start(['run', '--yes', '--claude', claudeExecutable, '--plan', plan]);
    const result = ended(child);
    await place.server.waitForRequest({ subtask: 'a' }, 30_000);
    const second = await place.command('run', '--yes', '--claude', claudeExecutable, '--plan', plan);
    expect(second).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`The command line (process ${child.pid}`),
    });
    const status = await place.command('status');
    expect(status.stdout).toContain(`process ${child.pid}`);
    expect(status.stdout).toContain('running');
    interrupt(child);
    await result;
  });
});
