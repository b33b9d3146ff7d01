import { describe, expect, it } from 'vitest';
import { jobPlace, type RunJson, subtask, writes } from '../main-job/job-place.ts';
import { journalsOf } from './journals.ts';

type Place = Awaited<ReturnType<typeof jobPlace>>;

/** Subtasks that workers were asked to do since the last time this was asked. */
function workers(place: Place): () => string[] {
  let before = 0;
  return () => {
    const all = place.server.requests({ role: 'worker' });
    const found = [...new Set(all.slice(before).map(({ subtask: id }) => id ?? ''))].sort();
    before = all.length;
    return found;
  };
}

const statuses = (run: RunJson) => run.subtasks.map(({ status }) => status);
const PLAN = [subtask('a'), subtask('b', { dependsOn: ['a'] }), subtask('c')];
const RULES = [writes('a'), writes('b'), writes('c')];

/** A run whose result is not applied, so that the next one starts from the same files. */
async function unapplied(place: Place, ...args: readonly string[]): Promise<{ stderr: string; run: RunJson }> {
  const branch = place.git('rev-parse', 'HEAD');
  const result = await place.run(...args);
  expect(result.code, result.stderr).toBe(0);
  place.git('reset', '--quiet', '--hard', branch);
  return result;
}

describe('a plan that is run again', { timeout: 240_000 }, () => {
  it('takes every result that still holds without a worker, checks and merges it again', async () => {
    const place = await jobPlace(RULES);
    const asked = workers(place);
    const first = await unapplied(place, '--plan', place.writePlan(...PLAN));
    expect(asked()).toEqual(['a', 'b', 'c']);
    const second = await unapplied(place, '--plan', place.writePlan(...PLAN));
    expect(asked()).toEqual([]);
    expect(statuses(second.run)).toEqual(['completed', 'completed', 'completed']);
    expect(second.run.costUsd).toBe(0);
    expect(second.stderr).toContain(`a: result of the run ${first.run.run}, re-used`);
    expect(place.git('diff', first.run.integrated, second.run.integrated)).toBe('');
    for (const attempt of second.run.attempts)
      expect(attempt).toMatchObject({
        verdict: 'passed',
        carried: { why: 'reused', run: first.run.run, key: expect.any(String) },
      });
    const types =
      journalsOf(place.state)
        .get(second.run.run)
        ?.records.map(({ event }) => event.type) ?? [];
    expect(types.filter((type) => type === 'attempt.validated')).toHaveLength(3);
    expect(types.filter((type) => type === 'integration.merged')).toHaveLength(3);
    expect(types).not.toContain('attempt.launching');

    const third = await unapplied(place, '--no-reuse', '--plan', place.writePlan(...PLAN));
    expect(asked()).toEqual(['a', 'b', 'c']);
    expect(third.stderr).not.toContain('re-used');
  });

  it('also after its result was applied', async () => {
    const place = await jobPlace(RULES);
    const asked = workers(place);
    expect((await place.run('--plan', place.writePlan(...PLAN))).code).toBe(0);
    asked();
    const head = place.git('rev-parse', 'HEAD');
    const again = await place.run('--plan', place.writePlan(...PLAN));
    expect(again.code, again.stderr).toBe(0);
    expect(asked()).toEqual([]);
    expect(statuses(again.run)).toEqual(['completed', 'completed', 'completed']);
    expect(place.git('rev-parse', 'HEAD')).toBe(head);
  });

  it('does what was edited and what depends on it again, and says why', async () => {
    const place = await jobPlace(RULES);
    const asked = workers(place);
    const first = await unapplied(place, '--plan', place.writePlan(...PLAN));
    asked();
    const edited = [subtask('a', { instructions: 'Write a.js, but well.' }), ...PLAN.slice(1)];
    const second = await unapplied(place, '--plan', place.writePlan(...edited));
    expect(asked()).toEqual(['a', 'b']);
    const because = (what: string) => `not re-used: ${what} changed since the run ${first.run.run}`;
    expect(second.stderr).toContain(`a: ${because('its instructions')}`);
    expect(second.stderr).toContain(`b: ${because('"a", on which it depends,')}`);
    expect(second.stderr).toContain(`c: result of the run ${first.run.run}, re-used`);
    expect((await place.command('status')).stdout).toContain(because('its instructions'));

    place.write('README.md', 'Something else.\n');
    place.git('commit', '--quiet', '-am', 'other');
    const third = await place.run('--plan', place.writePlan(...edited));
    expect(third.code, third.stderr).toBe(0);
    expect(asked()).toEqual(['a', 'b', 'c']);
    expect(third.stderr).toContain('not re-used: the files it rests on changed since the run');
  });

  it('looks only at the files that a subtask declares', async () => {
    const place = await jobPlace(RULES);
    const asked = workers(place);
    const plan = [subtask('a', { inputs: ['src/**'] }), subtask('c', { inputs: ['README.md'] })];
    await unapplied(place, '--plan', place.writePlan(...plan));
    asked();
    place.write('README.md', 'Something else.\n');
    place.git('commit', '--quiet', '-am', 'other');
    const second = await unapplied(place, '--plan', place.writePlan(...plan));
    expect(asked()).toEqual(['c']);
    // On the new base, with what has changed there.
    expect(place.git('show', `${second.run.integrated}:README.md`)).toBe('Something else.');
    expect(place.git('show', `${second.run.integrated}:a.js`)).toBe('export const a = 1;');
  });

  it('takes the result itself where a later run found it there already', async () => {
    const place = await jobPlace(RULES);
    const asked = workers(place);
    const plan = [subtask('a', { inputs: ['src/**'] })];
    const start = place.git('rev-parse', 'HEAD');
    const first = await place.run('--plan', place.writePlan(...plan));
    expect((await place.run('--plan', place.writePlan(...plan))).code).toBe(0);
    place.git('reset', '--quiet', '--hard', start);
    place.write('README.md', 'Something else.\n');
    place.git('commit', '--quiet', '-am', 'without the result');
    asked();
    const third = await place.run('--plan', place.writePlan(...plan));
    expect(asked()).toEqual([]);
    expect(third.stderr).toContain(`a: result of the run ${first.run.run}, re-used`);
    expect(place.read('a.js')).toBe('export const a = 1;\n');
  });

  it('lets a worker do what conflicts or fails its checks now', async () => {
    const place = await jobPlace(RULES);
    const asked = workers(place);
    const plan = [subtask('a', { inputs: [] }), subtask('c', { inputs: [] })];
    const first = await unapplied(place, '--plan', place.writePlan(...plan));
    asked();
    place.write('a.js', 'export const other = 1;\n');
    place.git('add', '-A');
    place.git('commit', '--quiet', '-m', 'in the way');
    const second = await unapplied(place, '--plan', place.writePlan(...plan));
    expect(asked()).toEqual(['a']);
    const conflict = `the result of the run ${first.run.run} does not fit any more, it conflicts in a.js`;
    expect(second.stderr).toContain(`a: not re-used: ${conflict}`);
    expect(statuses(second.run)).toEqual(['completed', 'completed']);
  });
});
