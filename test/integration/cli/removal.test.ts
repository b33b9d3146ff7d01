import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { claudeExecutable, ended, jobPlace, subtask, writes } from '../main-job/job-place.ts';

const state = (place: { readonly state: string }): string[] => readdirSync(place.state).flatMap((name) => [name]);

describe('removing what a run has left', { timeout: 120_000 }, () => {
  it('asks first, and does nothing where nobody can be asked', async () => {
    const place = await jobPlace([writes('a')]);
    const { run } = await place.run('--plan', place.writePlan(subtask('a')));
    const before = place.refs();
    expect(before.length).toBeGreaterThan(0);
    for (const command of [['discard', run.run], ['clean']]) {
      const { code, stderr } = await place.command(...command);
      expect(code, stderr).toBe(1);
      expect(stderr).toContain('give --yes');
    }
    expect(place.refs()).toEqual(before);
  });

  it('takes one run with its refs, and leaves the other and what was applied', async () => {
    const place = await jobPlace([writes('a'), writes('b')]);
    const { run: first } = await place.run('--plan', place.writePlan(subtask('a')));
    const { run: second } = await place.run('--plan', place.writePlan(subtask('b')));
    expect((await place.command('discard', 'nothing', '--yes')).code).not.toBe(0);
    const { code, stderr } = await place.command('discard', first.run, '--yes');
    expect(code, stderr).toBe(0);
    expect(place.refs().filter((ref) => ref.includes(first.run))).toEqual([]);
    expect(place.refs().some((ref) => ref.includes(second.run))).toBe(true);
    const listed = JSON.parse((await place.command('status', '--json')).stdout) as { runs: { run: string }[] };
    expect(listed.runs.map(({ run }) => run)).toEqual([second.run]);
    expect(place.read('a.js')).toContain('a = 1');
  });

  it('refuses while a run is alive, and takes an interrupted one with its workers and worktrees', async () => {
    const place = await jobPlace([{ name: 'never', when: { subtask: 'a' }, answer: { hang: true } }]);
    const plan = place.writePlan(subtask('a'));
    const running = place.start(['run', '--yes', '--plan', plan, '--claude', claudeExecutable]);
    const over = ended(running);
    await place.server.waitForRequest({ subtask: 'a' }, 60_000);
    for (const command of [
      ['clean', '--yes'],
      ['discard', runOf(place.state), '--yes'],
    ]) {
      const refused = await place.command(...command);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain('works on this repository');
    }
    running.kill('SIGKILL');
    await over;
    const refused = await place.command('clean', '--yes');
    expect(refused.stderr).toMatch(/1 workers of the run .* still run. Cancel the run first/);
    const { code, stderr } = await place.command('discard', runOf(place.state), '--yes');
    expect(code, stderr).toBe(0);
    await vi.waitFor(() => expect(place.running()).toEqual([]), { timeout: 20_000 });
    expect(place.refs()).toEqual([]);
    expect(place.worktrees()).toEqual([]);
    expect(place.git('worktree', 'list').split('\n')).toHaveLength(1);
  });

  it('takes everything, and nothing of the person', async () => {
    const place = await jobPlace([writes('a'), writes('b', 'export const = ;\n'), writes('c')]);
    await place.run('--plan', place.writePlan(subtask('a')));
    await place.run('--plan', place.writePlan(subtask('b')));
    place.git('update-ref', 'refs/heads/other', 'HEAD');
    place.write('mine.txt', 'not committed\n');
    const { code, stderr } = await place.command('clean', '--yes');
    expect(code, stderr).toBe(0);
    expect(place.refs()).toEqual([]);
    // The lock stays: whoever waits for it may take it at any moment.
    expect(state(place).map((name) => readdirSync(join(place.state, name)))).toEqual([['lock']]);
    expect(place.git('for-each-ref', '--format=%(refname)').split('\n')).toEqual([
      'refs/heads/main',
      'refs/heads/other',
    ]);
    expect(readFileSync(join(place.root, 'mine.txt'), 'utf8')).toBe('not committed\n');
    expect(existsSync(join(place.root, 'a.js'))).toBe(true);
    // And it works on.
    const again = await place.run('--plan', place.writePlan(subtask('c')));
    expect(again.code, again.stderr).toBe(0);
  });
});

function runOf(stateFolder: string): string {
  const [repository = ''] = readdirSync(stateFolder);
  return readdirSync(join(stateFolder, repository, 'runs'))[0] ?? '';
}
