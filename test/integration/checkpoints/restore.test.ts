import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { RunFold } from '../../../src/core/journal/fold.ts';
import { claudeExecutable, jobPlace, parseRun, subtask, writes } from '../main-job/job-place.ts';
import { journalsOf } from './journals.ts';

const listSchema = z.looseObject({
  run: z.string(),
  checkpoints: z.array(
    z.looseObject({
      checkpoint: z.string(),
      parent: z.string().nullable(),
      state: z.string(),
      commit: z.string().nullable(),
    }),
  ),
});

type Place = Awaited<ReturnType<typeof jobPlace>>;

const list = async (place: Place, ...run: readonly string[]) =>
  listSchema.parse(JSON.parse((await place.command('checkpoints', 'list', ...run, '--json')).stdout)).checkpoints;

async function restore(place: Place, checkpoint: string) {
  const command = ['checkpoints', 'restore', checkpoint, '--yes', '--json', '--claude', claudeExecutable];
  const result = await place.command(...command);
  return { ...result, run: parseRun(result) };
}

/** Subtask and attempt of each session of a worker so far. */
const sessions = (place: Place): number =>
  new Set(place.server.requests({ role: 'worker' }).map(({ session }) => session)).size;

describe('a run that is restored from a checkpoint', { timeout: 180_000 }, () => {
  it('goes on as a new run: what was merged then is not done again, and the old run stays as it was', async () => {
    const place = await jobPlace([writes('a'), writes('b'), writes('c')]);
    const plan = place.writePlan(
      subtask('a', { estimate: { seconds: 60 } }),
      subtask('b', { dependsOn: ['a'], estimate: { seconds: 30 } }),
      subtask('c', { dependsOn: ['b'], estimate: { seconds: 30 } }),
    );
    const first = await place.run('--plan', plan);
    expect(first.code, first.stderr).toBe(0);
    const before = journalsOf(place.state).get(first.run.run)?.bytes;
    const checkpoints = await list(place);
    expect(checkpoints.map(({ checkpoint, state }) => [checkpoint.replace(/-[0-9a-z]+\/1$/, '-?/1'), state])).toEqual([
      [first.run.run, 'COMPLETED'],
      [`${first.run.run}/@plan`, 'COMPLETED'],
      ...['a', 'b', 'c'].flatMap((id) => [
        [`${first.run.run}/${id}`, 'COMPLETED'],
        [`${first.run.run}/${id}-?/1`, 'COMPLETED'],
      ]),
    ]);
    expect(checkpoints.find(({ checkpoint }) => checkpoint === `${first.run.run}/a`)).toMatchObject({
      parent: first.run.run,
      progress: { step: 3, of: 3, percent: 50 },
    });
    expect(sessions(place)).toBe(3);

    const second = await restore(place, `${first.run.run}/a`);
    expect(second.code, second.stderr).toBe(0);
    expect(second.run.status).toBe('completed');
    expect(sessions(place)).toBe(5);
    expect(place.server.requests({ subtask: 'a' }).length).toBe(2);
    expect(second.run.base).toBe(first.run.base);
    expect(place.git('rev-parse', `${second.run.integrated}^{tree}`)).toBe(
      place.git('rev-parse', `${first.run.integrated}^{tree}`),
    );
    const journals = journalsOf(place.state);
    expect(journals.get(first.run.run)?.bytes).toEqual(before);
    const restored = RunFold.of(journals.get(second.run.run)?.records ?? []).state;
    expect(restored.origin).toMatchObject({ run: first.run.run, checkpoint: 'a', costUsd: expect.any(Number) });
    expect(restored.origin?.costUsd).toBeGreaterThan(0);
    expect((await list(place, second.run.run)).map(({ state }) => state)).toEqual([
      ...['COMPLETED', 'COMPLETED', 'RESTORED', 'RESTORED'],
      ...['COMPLETED', 'COMPLETED', 'COMPLETED', 'COMPLETED'],
    ]);
    await place.noneLeft();
    place.server.assertNoUnmatched();
  });

  it('goes on with the session and the files of a turn, and tells the worker what was wrong', async () => {
    const place = await jobPlace([
      {
        name: 'mends',
        when: { role: 'worker', subtask: 'a', userTurn: 2 },
        answer: [{ overwrite: { 'a.js': 'export const a = 1;\n' } }, 'Mended.'],
      },
      writes('a', 'export const = ;\n'),
      writes('b'),
    ]);
    const first = await place.run('--plan', place.writePlan(subtask('a'), subtask('b', { dependsOn: ['a'] })));
    expect(first.code, first.stderr).toBe(0);
    const asked = place.server.requests({ subtask: 'a' }).length;
    const [turn] = (await list(place)).filter(({ checkpoint }) => /\/a-\w+\/1$/.test(checkpoint));
    expect(turn).toMatchObject({ state: 'FAILED', session: { message: expect.any(String) } });
    expect(place.git('show', `${turn?.commit}:a.js`)).toBe('export const = ;');

    const second = await restore(place, turn?.checkpoint ?? '');
    expect(second.code, second.stderr).toBe(0);
    const again = place.server.requests({ subtask: 'a' }).slice(asked);
    // The earlier messages are there, the findings are new, and the work of the first turn is not done again.
    expect(again[0]).toMatchObject({
      userTurn: 2,
      rule: 'mends',
      prompt: expect.stringContaining('a.js:1:'),
    });
    expect(again[0]?.body).toContain('Write a.js.');
    expect(again[0]?.prompt).toContain(again[0]?.cwd);
    expect(again[0]?.session).not.toBe(place.server.requests({ subtask: 'a' })[0]?.session);
    expect(place.server.requests({ subtask: 'a', rule: 'a writes' }).length).toBeLessThan(asked);
    expect(second.run.subtasks).toMatchObject([
      { status: 'completed', attempts: { length: 2 } },
      { status: 'completed' },
    ]);
    expect(place.git('show', `${second.run.integrated}:a.js`)).toBe('export const a = 1;');
    // What the fork costs is what it added, not what its session had cost before.
    const [cost = 0] = first.run.attempts.filter(({ subtask: id }) => id === 'a').map(({ costUsd }) => costUsd);
    const fork = second.run.attempts.find(({ id }) => id === second.run.subtasks[0]?.attempts.at(-1));
    expect(fork?.costUsd).toBeGreaterThan(0);
    expect(fork?.costUsd).toBeLessThan(cost);
    // The session that it was forked from stays in its archive alone.
    const unpacked = readdirSync(place.state, { recursive: true, encoding: 'utf8' }).filter((path) =>
      /\/attempts\/.*\.jsonl$/.test(path),
    );
    expect(unpacked).toEqual([]);
    place.server.assertNoUnmatched();
  });

  it('is refused where there is nothing to go on from', async () => {
    const place = await jobPlace([writes('a')]);
    const { run } = await place.run('--plan', place.writePlan(subtask('a')));
    const unknown = await place.command('checkpoints', 'restore', `${run.run}/nothing`, '--yes');
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('has no checkpoint');
    const unasked = await place.command('checkpoints', 'restore', `${run.run}/a`);
    expect(unasked).toMatchObject({ code: 1, stderr: expect.stringContaining('--yes') });
    expect(journalsOf(place.state).size).toBe(1);
  });
});
