import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RuleInput } from '../../model-server/schema.ts';
import { claudeExecutable, jobPlace, parseRun, subtask } from './job-place.ts';

const loose = { scope: ['src/greet.js'], produces: [] };
const line = (who: string): string => `export const greet = () => '${who}';\n`;
const change = (id: string): RuleInput => ({
  name: id,
  when: { role: 'worker', subtask: id },
  answer: [{ overwrite: { 'src/greet.js': line(id) } }, 'Done.'],
});
const resolver: RuleInput = {
  name: 'resolver',
  when: { role: 'worker', prompt: 'conflict markers' },
  answer: [{ overwrite: { 'src/greet.js': line('a and b') } }, 'Resolved.'],
};
/** Says that it is done and leaves the markers where they are. */
const idler: RuleInput = {
  name: 'idler',
  when: { role: 'worker', prompt: 'conflict markers' },
  answer: ['Done.'],
};

describe('two results that conflict', { timeout: 120_000 }, () => {
  it('go to the session of the later one with both sides in its files, and its resolution is merged', async () => {
    const place = await jobPlace([resolver, change('a'), change('b')]);
    const { code, run, stderr } = await place.run(
      '--no-checks',
      '--plan',
      place.writePlan(subtask('a', loose), subtask('b', loose)),
    );
    expect(code, stderr).toBe(0);
    expect(place.read('src/greet.js')).toBe(line('a and b'));
    const [asked, read] = place.server.requests({ rule: 'resolver' });
    const [later, earlier] = run.subtasks.map(({ id }) => id).sort((a) => (a === asked?.subtask ? -1 : 1));
    expect(asked).toMatchObject({ userTurn: 2 });
    expect(asked?.prompt).toContain(`conflicts with the result of "${earlier}" in: src/greet.js`);
    expect(asked?.prompt).toContain(`"${earlier}": Do ${earlier}`);
    for (const side of ['<<<<<<<', `'${earlier}'`, '=======', `'${later}'`, '>>>>>>>'])
      expect(read?.toolResult).toContain(side);
    await place.noneLeft();
    expect(place.worktrees()).toEqual([]);
  });

  it('wait for the person when the worker never resolves them, who resolves them in a folder and goes on', async () => {
    const place = await jobPlace([idler, change('a'), change('b')]);
    place.write('.claude-orchestrator/config.jsonc', '{ "qualityIterations": 1 }');
    const plan = place.writePlan(subtask('a', loose), subtask('b', loose));
    const { code, run, stderr } = await place.run('--no-checks', '--plan', plan);
    expect(code).toBe(1);
    expect(run.status).toBe('running');
    const waiting = run.subtasks.find(({ status }) => status === 'integrating');
    expect(waiting?.reason).toContain('src/greet.js');
    const [, folder = ''] = /conflict of "[ab]" in (\S+)\. /.exec(stderr) ?? [];
    expect(stderr).toContain(`claude-orchestrator resume ${run.run} --resolved ${waiting?.id}`);
    const file = join(folder, 'src', 'greet.js');
    expect(readFileSync(file, 'utf8')).toContain('<<<<<<<');
    await place.noneLeft();

    // As it is, it is not accepted, and what is there is kept.
    const claude = ['--claude', claudeExecutable];
    const resume = (...args: readonly string[]) => place.command('resume', run.run, '--yes', ...claude, ...args);
    const refused = await resume('--resolved', waiting?.id ?? '');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('conflict markers') });
    expect(readFileSync(file, 'utf8')).toContain('<<<<<<<');

    // Whoever removed its folder gets it again, with the conflict as it was.
    rmSync(folder, { recursive: true, force: true });
    const again = await resume('--resolved', waiting?.id ?? '');
    expect(again).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`conflict of "${waiting?.id}" in ${folder}`),
    });
    expect(readFileSync(file, 'utf8')).toContain('<<<<<<<');

    writeFileSync(file, line('as I want it'));
    const done = await resume('--json', '--resolved', waiting?.id ?? '');
    expect(done.code, done.stderr).toBe(0);
    expect(parseRun(done).status).toBe('completed');
    expect(place.read('src/greet.js')).toBe(line('as I want it'));
    expect(place.worktrees()).toEqual([]);
  });

  it('can be given up: the rest is kept, and markers never get into the result', async () => {
    const place = await jobPlace([change('a'), change('b')]);
    place.write('.claude-orchestrator/config.jsonc', '{ "qualityIterations": 0 }');
    const plan = place.writePlan(subtask('a', loose), subtask('b', loose));
    const { run } = await place.run('--no-checks', '--plan', plan);
    const waiting = run.subtasks.find(({ status }) => status === 'integrating')?.id ?? '';
    const args = ['resume', '--yes', '--json', '--claude', claudeExecutable, '--give-up', waiting];
    const ended = await place.command(...args);
    expect(ended.code, ended.stderr).toBe(1);
    const after = parseRun(ended);
    expect(after.subtasks.map(({ status }) => status).sort()).toEqual(['completed', 'failed']);
    expect(place.git('show', `${after.integrated}:src/greet.js`)).not.toContain('<<<<');
    expect(place.worktrees()).toEqual([]);
  });
});
