import { readdirSync, symlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { jobPlace, subtask, writes } from './job-place.ts';

describe('a job in which something goes wrong', { timeout: 120_000 }, () => {
  it('fails what stays broken after being sent back, blocks what rests on it, and merges the rest', async () => {
    const place = await jobPlace([writes('good'), writes('bad', 'export const = ;\n')]);
    const plan = place.writePlan(subtask('bad'), subtask('good'), subtask('after', { dependsOn: ['bad'] }));
    const { code, run, stderr } = await place.run('--plan', plan);
    expect(code).toBe(1);
    expect(run.status).toBe('failed');
    expect(run.subtasks).toMatchObject([
      { id: 'bad', status: 'failed', reason: expect.stringContaining('bad.js'), attempts: { length: 1 } },
      { id: 'good', status: 'completed' },
      { id: 'after', status: 'blocked', reason: 'It does not start because "bad" failed.', attempts: [] },
    ]);
    expect(run.attempts.find(({ subtask: id }) => id === 'bad')).toMatchObject({
      outcome: 'rejected',
      verdict: 'failed',
    });
    expect(run.applied).toBeNull();
    // The first message and three times the findings.
    expect(Math.max(...place.server.requests({ subtask: 'bad' }).map(({ userTurn }) => userTurn))).toBe(4);
    expect(place.git('status', '--porcelain')).toBe('');
    expect(stderr).toContain('bad: the checks did not pass');
    // What it wrote can still be looked at.
    const kept = place.refs().find((ref) => ref.includes('/attempts/bad-'));
    expect(place.git('show', `${kept}:bad.js`)).toBe('export const = ;');
    await place.noneLeft();
    expect(place.worktrees()).toEqual([]);
  });

  it('does not take a worker at its word: a promised file that is not there is a failure', async () => {
    const place = await jobPlace([{ name: 'talks', when: { role: 'worker' }, answer: 'All done, all tests pass!' }]);
    const { code, run } = await place.run('--plan', place.writePlan(subtask('a')));
    expect(code).toBe(1);
    expect(run.subtasks).toMatchObject([{ status: 'failed', reason: expect.stringContaining('a.js') }]);
  });

  it('tries again in a new worktree after an overloaded API', async () => {
    const place = await jobPlace([
      { name: 'overloaded', when: { role: 'worker', attempt: 1 }, answer: { error: { status: 529 } } },
      writes('a'),
    ]);
    const { code, run } = await place.run('--plan', place.writePlan(subtask('a')));
    expect(code).toBe(0);
    expect(run.attempts.map(({ outcome }) => outcome)).toEqual(['infrastructure', 'accepted']);
    expect(run.attempts[0]?.detail).toContain('529');
    expect(new Set(run.attempts.map(({ id }) => id)).size).toBe(2);
  });

  it('does not try again when the login is refused', async () => {
    const error = { status: 401, type: 'authentication_error', message: 'invalid x-api-key' };
    const place = await jobPlace([{ name: 'refused', when: { role: 'worker' }, answer: { error } }]);
    const { code, run } = await place.run('--plan', place.writePlan(subtask('a')));
    expect(code).toBe(1);
    expect(run.subtasks).toMatchObject([{ status: 'failed', attempts: { length: 1 } }]);
    expect(run.attempts[0]?.detail).toContain('401');
  });

  it('denies what nobody can be asked about, and the worker goes on', async () => {
    const place = await jobPlace([
      { name: 'told no', when: { lastTool: 'Bash' }, answer: [{ write: { 'a.js': 'export {};\n' } }, 'Done without.'] },
      { name: 'asks', when: { role: 'worker' }, answer: { bash: 'sh -c "echo x > /tmp/never-written"' } },
    ]);
    const { code, stderr } = await place.run('--plan', place.writePlan(subtask('a')));
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('"a" asks: Bash: sh -c "echo x > /tmp/never-written"');
    expect(place.server.requests({ rule: 'told no' })[0]?.toolResult).toContain('Nobody could be asked');
  });

  it('runs the check command without asking, and refuses git that writes refs', async () => {
    const place = await jobPlace([
      {
        name: 'checks',
        when: { role: 'worker' },
        answer: [{ bash: 'npm test' }, { bash: 'git commit -am x' }, { write: { 'a.js': 'export {};\n' } }, 'Done.'],
      },
    ]);
    const { code, stderr } = await place.run('--plan', place.writePlan(subtask('a')));
    expect(code, stderr).toBe(0);
    expect(stderr).not.toContain('"a" asks');
    const results = place.server
      .requests()
      .map(({ toolResult }) => toolResult)
      .join('\n');
    expect(results).toContain('pass 1');
    expect(results).toContain('Git is written by the orchestrator only');
  });

  it("keeps git to the orchestrator also where the person's own Claude settings allow it", async () => {
    const place = await jobPlace([
      {
        name: 'writes refs',
        when: { role: 'worker' },
        answer: [
          { bash: 'git branch evil' },
          { bash: 'git config user.name evil' },
          { bash: 'git status' },
          { write: { 'a.js': 'export {};\n' } },
          'Done.',
        ],
      },
    ]);
    const allow = ['Bash(git:*)', 'Bash(env)'];
    place.write('../home/claude-config/settings.json', JSON.stringify({ permissions: { allow } }));
    const { code, stderr } = await place.run('--plan', place.writePlan(subtask('a')));
    expect(code, stderr).toBe(0);
    expect(place.git('branch', '--list', 'evil')).toBe('');
    expect(place.git('config', 'user.name')).not.toContain('evil');
    const results = place.server.requests().map(({ toolResult }) => toolResult);
    expect(results.filter((result) => result?.includes('Git is written by the orchestrator only'))).toHaveLength(2);
  });

  it('asks before files that make others run code are written, also through a link that leads out', async () => {
    const place = await jobPlace([
      {
        name: 'attacks',
        when: { role: 'worker' },
        answer: [
          { write: { '.github/workflows/ci.yml': 'on: push\n' } },
          { write: { '.claude/settings.json': '{}' } },
          { write: { 'out/evil.txt': 'evil' } },
          { write: { 'a.js': 'export {};\n' } },
          'Done.',
        ],
      },
    ]);
    const outside = `${place.root}-outside`;
    place.write('../project-outside/kept.txt', 'kept');
    place.git('config', 'core.symlinks', 'true');
    symlinkSync(outside, `${place.root}/out`);
    place.git('add', '-A');
    place.git('commit', '--quiet', '-m', 'link');
    const { code, run, stderr } = await place.run('--plan', place.writePlan(subtask('a')));
    expect(code, stderr).toBe(0);
    expect(run.applied?.files.map(({ path }) => path)).toEqual(['a.js']);
    expect(stderr.match(/"a" asks: Write/g)).toHaveLength(3);
    expect(readdirSync(outside)).toEqual(['kept.txt']);
  });

  it('changes nothing when a file that is not committed stands in the way, and can be applied later', async () => {
    const place = await jobPlace([writes('a')]);
    place.write('a.js', 'mine, not committed\n');
    const head = place.git('rev-parse', 'HEAD');
    const { code, run, stderr } = await place.run('--plan', place.writePlan(subtask('a')));
    expect(code).toBe(1);
    expect(run).toMatchObject({ status: 'completed', applied: null });
    expect(stderr).toContain('a.js');
    expect(stderr).toContain(`claude-orchestrator apply ${run.run}`);
    expect(place.git('rev-parse', 'HEAD')).toBe(head);
    expect(place.read('a.js')).toBe('mine, not committed\n');
    expect((await place.command('apply', run.run)).code).toBe(1);
    place.git('stash', '-u', '--quiet');
    expect(await place.command('apply', run.run)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Applied to main: 1'),
    });
    expect(place.read('a.js')).toBe('export const a = 1;\n');
  });

  it('ends a worker at its spending cap and starts nothing beyond it', async () => {
    const usage = { input: 500_000, output: 100_000 };
    const place = await jobPlace([
      {
        name: 'expensive',
        when: { role: 'worker' },
        answer: [
          { write: { 'a.js': 'export {};\n' }, usage },
          { text: 'More.', usage },
        ],
      },
    ]);
    const plan = place.writePlan(subtask('a'), subtask('b', { dependsOn: ['a'] }));
    const { code, run } = await place.run('--plan', plan, '--max-cost', '0.01');
    expect(code).toBe(1);
    expect(run.subtasks[0]).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('error_max_budget_usd'),
    });
    expect(run.subtasks[1]).toMatchObject({ status: 'blocked', attempts: [] });
  });
});
