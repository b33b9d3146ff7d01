import { spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { claudeExecutable, ended, jobPlace, parseRun, subtask, writes } from '../main-job/job-place.ts';

type Place = Awaited<ReturnType<typeof jobPlace>>;

/** A folder of its own with programs that are shell scripts. */
function programs(place: Place, scripts: Readonly<Record<string, string>>): string {
  const folder = join(place.root, '..', 'programs');
  mkdirSync(folder, { recursive: true });
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

const runWith = async (place: Place, claude: string, extra: Readonly<Record<string, string>> = {}) => {
  const args = ['run', '--yes', '--json', '--claude', claude, '--plan', place.writePlan(subtask('a'))];
  return ended(place.start(args, extra));
};

describe('a machine that is not ready', { timeout: 120_000 }, () => {
  it.each([
    ['is too old', 'echo "1.0.44 (Claude Code)"', ['is version 1.0.44; 2.1.0 is needed', 'claude update']],
    ['says something else', 'echo "hello"', ['did not work', 'Run it by hand']],
    ['fails', 'echo broken >&2; exit 3', ['did not work', 'Run it by hand']],
  ])('because claude %s: the message says what to do, and no run is left', async (_name, script, messages) => {
    const place = await jobPlace([writes('a')]);
    const { code, stderr } = await runWith(place, join(programs(place, { claude: script }), 'claude'));
    expect(code).toBe(1);
    for (const message of messages) expect(stderr).toContain(message);
    expect(JSON.parse((await place.command('status', '--json')).stdout)).toMatchObject({ runs: [] });
  });

  it('because claude is not there: the message says how to get it', async () => {
    const place = await jobPlace([writes('a')]);
    const { code, stderr } = await runWith(place, 'no-such-claude');
    expect(code).toBe(1);
    expect(stderr).toContain('npm install -g @anthropic-ai/claude-code');
  });

  it('because git is too old or missing: the message says which is needed', async () => {
    const place = await jobPlace([writes('a')]);
    const old = programs(place, {
      git: `for word in "$@"; do if [ "$word" = version ]; then echo "git version 2.30.2"; exit; fi; done\nexec /usr/bin/env -i PATH="${process.env['PATH']}" HOME="$HOME" git "$@"`,
    });
    const tooOld = await runWith(place, claudeExecutable, { PATH: `${old}:${process.env['PATH']}` });
    expect(tooOld).toMatchObject({ code: 1, stderr: expect.stringContaining('git 2.38 or newer is needed') });
    const missing = await runWith(place, claudeExecutable, { PATH: '/nowhere' });
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('Install git 2.38 or newer') });
  });

  it('because nobody is logged in: tried once, and told how to log in', async () => {
    const place = await jobPlace([writes('a')]);
    const plan = place.writePlan(subtask('a'), subtask('b', { dependsOn: ['a'] }));
    const run = async (...args: string[]) =>
      ended(place.start(['run', '--yes', '--json', '--claude', claudeExecutable, ...args], { ANTHROPIC_API_KEY: '' }));
    const planned = await run('--plan', plan);
    expect(parseRun(planned).subtasks).toMatchObject([
      {
        status: 'failed',
        attempts: { length: 1 },
        reason: expect.stringContaining('Not logged in · Please run /login. Run "claude" and log in'),
      },
      { status: 'blocked' },
    ]);
    const unplanned = await run('A task');
    expect(unplanned.code).toBe(1);
    expect(unplanned.stderr).toMatch(/Run "claude" once by hand/);
  });

  it('because the login is refused: tried once, and told what to do', async () => {
    const error = { status: 401, type: 'authentication_error', message: 'invalid x-api-key' };
    const place = await jobPlace([{ name: 'refused', when: { role: 'worker' }, answer: { error } }]);
    const { run } = await place.run('--plan', place.writePlan(subtask('a')));
    expect(run.subtasks).toMatchObject([
      { status: 'failed', attempts: { length: 1 }, reason: expect.stringContaining('Run "claude" and log in') },
    ]);
  });

  it('because the state folder can not be made: the message names it and says what to do', async () => {
    const place = await jobPlace([writes('a')]);
    writeFileSync(place.state, 'a file where the folder should be');
    onTestFinished(() => rmSync(place.state, { force: true }));
    for (const args of [['status'], ['run', 'x', '--yes', '--claude', claudeExecutable]]) {
      const { code, stderr } = await place.command(...args);
      expect(code).toBe(1);
      expect(stderr).toContain(place.state);
      expect(stderr).toContain('CLAUDE_ORCHESTRATOR_STATE_HOME');
      expect(stderr).not.toMatch(/^\s+at /m);
    }
  });
});

describe('a task', { timeout: 120_000 }, () => {
  it('of 100 kB reaches the planner whole', async () => {
    const place = await jobPlace([
      {
        name: 'plans',
        when: { role: 'planner' },
        answer: {
          structured: { version: 1, title: 'x', subtasks: [subtask('a', { instructions: 'y'.repeat(100_000) })] },
        },
      },
      writes('a'),
    ]);
    const task = `Begin ${'word '.repeat(20_000)}end of the task`;
    const { code, stderr } = await place.run(task);
    expect(code, stderr).toBe(0);
    expect(place.server.requests({ role: 'planner' })[0]?.prompt).toContain(task);
    expect(place.server.requests({ role: 'worker' })[0]?.prompt).toContain('y'.repeat(100_000));
  });

  it.each([
    [
      '500 subtasks',
      Array.from({ length: 500 }, (_, index) => subtask(`s${index}`)),
      'there are 500, at most 15 are allowed',
    ],
    ['a dependency on nobody', [subtask('a', { dependsOn: ['ghost'] })], 'there is no subtask "ghost"'],
    ['an absolute path', [subtask('a', { scope: ['/etc/**'] })], 'is absolute'],
  ])('whose planner answers with %s again and again fails with that', async (_name, subtasks, message) => {
    const place = await jobPlace([
      { name: 'plans', when: { role: 'planner' }, answer: { structured: { version: 1, title: 'x', subtasks } } },
    ]);
    const { code, stderr } = await place.command('plan', 'A task', '--claude', claudeExecutable);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });

  it('whose planner puts prose around its JSON is planned', async () => {
    const plan = JSON.stringify({ version: 1, title: 'x', subtasks: [subtask('a')] });
    const place = await jobPlace([
      {
        name: 'plans',
        when: { role: 'planner' },
        answer: `Here is the plan:\n\`\`\`json\n${plan}\n\`\`\`\nTell me {more}!`,
      },
    ]);
    const { code, stdout, stderr } = await place.command('plan', 'A task', '--json', '--claude', claudeExecutable);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ subtasks: [{ id: 'a' }] });
  });
});

describe('an update while workers run', { timeout: 120_000 }, () => {
  it('does not take their supervisor away', async () => {
    const place = await jobPlace([
      { name: 'waits', when: { role: 'worker', turn: 2 }, answer: { text: 'Done.', gate: 'go' } },
      writes('a'),
    ]);
    // An installation of its own, which is removed as an update does it.
    const installed = join(place.root, '..', 'installed');
    const dist = join(dirname(dirname(dirname(import.meta.dirname))), 'dist');
    cpSync(dist, join(installed, 'dist'), { recursive: true, filter: (path) => !path.endsWith('.map') });
    const child = spawn(
      process.execPath,
      [
        join(installed, 'dist', 'cli.js'),
        'run',
        '--yes',
        '--json',
        '--claude',
        claudeExecutable,
        '--plan',
        place.writePlan(subtask('a')),
      ],
      { cwd: place.root, env: place.env(), stdio: ['ignore', 'pipe', 'pipe'], detached: true },
    );
    const result = ended(child);
    await place.server.waitForRequest({ subtask: 'a', turn: 2 }, 30_000);
    child.kill('SIGKILL');
    await result;
    rmSync(installed, { recursive: true });
    place.server.open('go');
    const resumed = await place.command('resume', '--yes', '--json', '--claude', claudeExecutable);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(parseRun(resumed).subtasks).toMatchObject([{ status: 'completed', attempts: { length: 1 } }]);
    expect(place.server.sessions({ role: 'worker' }).length).toBe(1);
    expect(existsSync(installed)).toBe(false);
    expect(readdirSync(place.state).length).toBeGreaterThan(0);
  });
});
