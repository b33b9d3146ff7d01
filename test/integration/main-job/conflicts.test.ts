import { describe, expect, it } from 'vitest';
import type { RuleInput } from '../../model-server/schema.ts';
import { jobPlace, subtask } from './job-place.ts';

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

  it('end with the reason when the worker never resolves them, and markers never get into the result', async () => {
    const place = await jobPlace([change('a'), change('b')]);
    place.write('.claude-orchestrator/config.jsonc', '{ "qualityIterations": 2 }');
    const { code, run } = await place.run(
      '--no-checks',
      '--plan',
      place.writePlan(subtask('a', loose), subtask('b', loose)),
    );
    expect(code).toBe(1);
    expect(run.subtasks.map(({ status }) => status).sort()).toEqual(['completed', 'failed']);
    expect(run.subtasks.find(({ status }) => status === 'failed')?.reason).toContain('src/greet.js');
    expect(place.git('show', `${run.integrated}:src/greet.js`)).not.toContain('<<<<');
  });
});
