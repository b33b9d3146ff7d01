import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claudeExecutable, jobPlace, runSchema } from './job-place.ts';

const plan = (...subtasks: object[]) => ({ version: 1, title: 'The plan', subtasks });
const one = { id: 'a', title: 'A', instructions: 'Do it.' };
const cycle = plan({ ...one, dependsOn: ['b'] }, { ...one, id: 'b', dependsOn: ['a'] });
const planOf = (task: string) => ['plan', task, '--json', '--claude', claudeExecutable];

describe('a planner session of the real CLI', { timeout: 120_000 }, () => {
  it.each([
    ['a circle', { structured: cycle }],
    ['a path through a link that leads out', { structured: plan({ ...one, scope: ['way-out/file.js'] }) }],
    ['a path that leads out', { structured: plan({ ...one, scope: ['../../etc/**'] }) }],
    ['prose', { text: 'I would first look at the code.' }],
  ])('that answers with %s is told what is wrong, and may mend it', async (_name, answer) => {
    const place = await jobPlace([
      { name: 'mends', when: { role: 'planner', prompt: 'can not be used' }, answer: { structured: plan(one) } },
      { name: 'fails', when: { role: 'planner' }, answer },
    ]);
    symlinkSync('../elsewhere', join(place.root, 'way-out'));
    place.git('add', 'way-out');
    place.git('commit', '--quiet', '-m', 'link');
    const { code, stdout, stderr } = await place.command(...planOf('A task'));
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ title: 'The plan', subtasks: [{ id: 'a' }] });
    expect(place.server.requests({ rule: 'mends' })[0]?.prompt).toContain('- ');
    await place.noneLeft();
  });

  it('that never mends it fails, and says what was wrong', async () => {
    const place = await jobPlace([{ name: 'fails', when: { role: 'planner' }, answer: { structured: cycle } }]);
    const { code, stdout, stderr } = await place.command(...planOf('A task'));
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('in a circle');
    expect(Math.max(...place.server.requests().map(({ userTurn }) => userTurn))).toBe(3);
    const { runs } = JSON.parse((await place.command('status', '--json')).stdout) as { runs: unknown[] };
    expect(runSchema.parse(runs[0])).toMatchObject({
      status: 'failed',
      attempts: [{ subtask: null, outcome: 'rejected' }],
    });
    await place.noneLeft();
  });

  it('whose answers are no plan at all fails, naming fields', async () => {
    const nonsense = { version: 1, title: 'x', subtasks: [{ id: '../x', title: '', instructions: 7 }] };
    const place = await jobPlace([{ name: 'fails', when: { role: 'planner' }, answer: { structured: nonsense } }]);
    const { code, stderr } = await place.command(...planOf('A task'));
    expect(code).toBe(1);
    expect(stderr).toContain('/subtasks/0/instructions');
    expect(stderr.match(/The planner did not answer with a plan/g)).toHaveLength(1);
    expect(stderr).toContain('Say the task more precisely');
  });

  it('whose login is refused fails with what the API said, not with a repair', async () => {
    const error = { status: 401, type: 'authentication_error', message: 'invalid x-api-key' };
    const place = await jobPlace([{ name: 'refused', when: { role: 'planner' }, answer: { error } }]);
    const { code, stderr } = await place.command(...planOf('A task'));
    expect(code).toBe(1);
    expect(stderr).toContain('401');
    expect(stderr).toContain('Run "claude" once by hand');
  });

  it('can not write, and its plan alone changes nothing', async () => {
    const place = await jobPlace([
      {
        name: 'writes',
        when: { role: 'planner' },
        answer: [
          { tools: [{ name: 'Write', input: { file_path: '{{cwd}}/x.txt', content: 'x' } }] },
          { structured: plan(one) },
        ],
      },
    ]);
    const refs = place.git('for-each-ref');
    const { code } = await place.command(...planOf('A task'));
    expect(code).toBe(0);
    expect(place.server.requests()[0]?.body).not.toContain('"name":"Write"');
    expect(place.git('status', '--porcelain')).toBe('');
    expect(place.git('for-each-ref')).toBe(refs);
  });

  it('makes a plan that "run --plan" takes', async () => {
    const place = await jobPlace([
      { name: 'plans', when: { role: 'planner' }, answer: { structured: plan(one) } },
      { name: 'works', when: { role: 'worker' }, answer: [{ write: { 'a.js': 'export {};\n' } }, 'Done.'] },
    ]);
    const { stdout } = await place.command(...planOf('A task'));
    const { code, run } = await place.run(
      '--plan',
      place.writePlan(...(JSON.parse(stdout) as { subtasks: object[] }).subtasks),
    );
    expect(code).toBe(0);
    expect(run.attempts.map(({ subtask }) => subtask)).toEqual(['a']);
  });
});
