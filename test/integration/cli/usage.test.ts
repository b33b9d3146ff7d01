import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { claudeExecutable, type Ended, ended, jobPlace, subtask } from '../main-job/job-place.ts';

const cli = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url));

/** Runs the command line in a folder that is no repository, without anything of this machine. */
function run(...args: readonly string[]): Promise<Ended> {
  const cwd = mkdtempSync(join(tmpdir(), 'usage-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  const env = { PATH: process.env['PATH'], HOME: cwd };
  return ended(spawn(process.execPath, [cli, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] }));
}

const planFile = (value: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'plan-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'plan.json');
  writeFileSync(path, value);
  return path;
};

describe('the command line', { timeout: 60_000 }, () => {
  it('says in one line what is missing or wrong', async () => {
    const missing = await run('change', 'RUN', 'add', 'x', '--instructions', 'Write x.');
    expect(missing).toMatchObject({ code: 2, stderr: '"title" is missing. See --help.\n' });
    const negative = await run('simulate', 'plan.json', '--workers', '-1');
    expect(negative).toMatchObject({ code: 2, stderr: expect.stringMatching(/^[^\n]*--workers[^\n]*\n$/) });
  });

  it.each([
    ['', 'validate'],
    ['run', '--yes'],
    ['plan', '--json'],
    ['status', '--all'],
    ['apply', 'RUN'],
    ['resume', '--yes'],
    ['pause', '--all'],
    ['unpause', '--all'],
    ['cancel', '--all'],
    ['change', '--end-worker'],
    ['doctor', '--'],
    ['repair', 'RUN'],
    ['validate', '--files-from'],
  ])('explains %s with --help', async (command, option) => {
    const result = await run(...(command === '' ? ['--help'] : [command, '--help']));
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toContain(option);
    expect(result.stdout).toContain('Exit code');
    expect(Math.max(...result.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
  });

  it.each<[string, string[], string]>([
    ['no command', [], 'Usage'],
    ['a command that is none', ['dance'], 'There is no command "dance"'],
    ['a name that objects have', ['constructor'], 'There is no command "constructor"'],
    ['no task', ['run'], 'Say what is to be done'],
    ['a blank task', ['plan', '  '], 'Say what is to be done'],
    ['a task file that is not there', ['run', '--task-file', '/nowhere/task.md'], '/nowhere/task.md can not be read'],
    ['an empty task file', ['plan', '--task-file', '-'], 'Standard input is empty'],
    ['two tasks', ['run', 'x', '--task-file', 'y'], 'as text or with --task-file, not both'],
    ['an unknown option', ['run', 'x', '--dance'], '--dance'],
    ['an option without its value', ['run', 'x', '--plan'], '--plan'],
    ['a concurrency of none', ['run', 'x', '--concurrency', '0'], '--concurrency takes a whole number from 1 to 64'],
    ['a concurrency of many', ['run', 'x', '--concurrency', '65'], '--concurrency'],
    ['a concurrency of a half', ['run', 'x', '--concurrency', '1.5'], '--concurrency'],
    ['a cap of nothing', ['run', 'x', '--max-cost', '0'], '--max-cost takes a number above 0'],
    ['a cap of words', ['plan', 'x', '--max-cost', 'much'], '--max-cost'],
    ['a plan file that is not there', ['run', '--plan', '/nowhere/plan.json'], '/nowhere/plan.json can not be read'],
    ['pause without a run', ['pause'], 'Name one run'],
    ['cancel with a run and all', ['cancel', 'a', '--all'], 'Name one run'],
    ['change without a subtask', ['change', 'RUN', 'skip'], 'Name a run, what to do, and a subtask'],
    ['change that is none', ['change', 'RUN', 'dance', 'a'], '"dance" is none of add, edit'],
    ['change to what a subtask can not be', ['change', 'RUN', 'edit', 'a', '--priority', '11'], '--priority takes'],
    ['change with what it does not take', ['change', 'RUN', 'skip', 'a', '--title', 'x'], 'Only add, edit and split'],
    ['apply without a run', ['apply'], 'Name one run'],
    ['apply with two', ['apply', 'a', 'b'], 'Name one run'],
    ['resume with two', ['resume', 'a', 'b'], 'Name at most one run'],
    ['status with a name', ['status', 'x'], 'status takes no "x"'],
    ['validate without files', ['validate'], 'Name at least one file'],
    ['validate in another format', ['validate', '--format', 'xml', 'a.js'], '--format is text or json'],
  ])('refuses %s with exit code 2 and says what is right', async (_name, args, message) => {
    const result = await run(...args);
    expect(result.code, result.stderr).toBe(2);
    expect(result.stderr).toContain(message);
    expect(result.stderr).not.toMatch(/^\s+at /m);
    expect(result.stdout).toBe('');
  });

  it.each([
    ['no JSON', 'subtasks: []', 'can not be read'],
    [
      'a circle',
      JSON.stringify({ version: 1, title: 'x', subtasks: [subtask('a', { dependsOn: ['a'] })] }),
      'in a circle',
    ],
    [
      'a path outside',
      JSON.stringify({ version: 1, title: 'x', subtasks: [subtask('a', { scope: ['/etc/*'] })] }),
      'is absolute',
    ],
  ])('refuses a plan file with %s, naming file and mistake', async (_name, content, message) => {
    const file = planFile(content);
    const result = await run('run', '--plan', file);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain(file);
    expect(result.stderr).toContain(message);
  });

  it('takes plan files and lists that start with a byte order mark, and blank lines in lists', async () => {
    const plan = await run('run', '--plan', planFile('\ufeff{"version":1,"title":"x","subtasks":[]}'));
    expect(plan.stderr).toContain('subtasks: ');
    const code = planFile('export const a = 1;\n').replace('plan.json', 'a.js');
    writeFileSync(code, 'export const a = 1;\n');
    const list = planFile(`\ufeff${code}\r\n   \n\t\n`);
    const checked = await run('validate', '--format', 'json', '--files-from', list);
    expect(JSON.parse(checked.stdout)).toMatchObject({ files: [{ path: code, status: 'passed' }] });
  });

  it('shows file names that would steer a terminal by their codes', async () => {
    const { code, stdout } = await run('validate', 'no\u001b[2Jsuch\u202ename.js');
    expect(code).toBe(1);
    expect(stdout).toContain('no\\u{1b}[2Jsuch\\u{202e}name.js:1:1 error');
  });

  it('says that a folder is no repository, and writes nothing', async () => {
    const result = await run('status');
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('repository');
    expect(result.stderr).not.toMatch(/^\s+at /m);
  });
});

describe('the command line in a repository', { timeout: 60_000 }, () => {
  it('says what is missing where there is no Claude CLI, and leaves no run behind', async () => {
    const place = await jobPlace([{ name: 'never', answer: 'x' }]);
    const result = await place.command('run', 'A task', '--yes', '--claude', '/nowhere/claude');
    expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining('/nowhere/claude') });
    expect(JSON.parse((await place.command('status', '--json')).stdout)).toMatchObject({ runs: [], owner: null });
  });

  it('starts nothing where nobody can be asked and --yes is not given', async () => {
    const place = await jobPlace([{ name: 'never', answer: 'x' }]);
    const result = await place.command('run', '--claude', claudeExecutable, '--plan', place.writePlan(subtask('a')));
    expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining('--yes') });
    expect(place.server.requests()).toEqual([]);
    expect((await place.command('status')).stdout).toContain('cancelled');
  });

  it('refuses a plan whose paths go through a link, and leaves no run behind', async () => {
    const place = await jobPlace([{ name: 'never', answer: 'x' }]);
    symlinkSync('/etc', join(place.root, 'way-out'));
    place.git('add', 'way-out');
    place.git('commit', '--quiet', '-m', 'link');
    const plan = place.writePlan(subtask('a', { scope: ['way-out/*.conf'], produces: [] }));
    expect(await place.command('run', '--yes', '--claude', claudeExecutable, '--plan', plan)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"way-out/*.conf" leaves the repository through the link "way-out"'),
    });
    expect((await place.command('status')).stdout).toContain('No runs yet');
  });

  it('says so where a run is not known', async () => {
    const place = await jobPlace([{ name: 'never', answer: 'x' }]);
    expect(await place.command('apply', '../../etc')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no run'),
    });
    expect((await place.command('status')).stdout).toContain('No runs yet');
  });

  it('does not call running what nobody works on any more', async () => {
    const place = await jobPlace([{ name: 'hangs', when: { role: 'worker' }, answer: { hang: true } }]);
    const child = place.start(['run', '--yes', '--claude', claudeExecutable, '--plan', place.writePlan(subtask('a'))]);
    await place.server.waitForRequest({ subtask: 'a' }, 30_000);
    const result = ended(child);
    child.kill('SIGKILL');
    await result;
    // The worker outlives it.
    expect(place.running().length).toBeGreaterThan(0);
    expect((await place.command('status')).stdout).toContain('interrupted');
    expect(JSON.parse((await place.command('status', '--json')).stdout)).toMatchObject({
      runs: [{ interrupted: true }],
    });
  });
});

it.each([
  ['--nonsense', '--nonsense'],
  ['--folder=x', '--folder goes with --live'],
])('npm start refuses %s with exit code 2', async (option, message) => {
  const script = fileURLToPath(new URL('../../../scripts/start/main.ts', import.meta.url));
  const result = await ended(spawn(process.execPath, [script, option], { stdio: ['ignore', 'pipe', 'pipe'] }));
  expect(result).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
});
