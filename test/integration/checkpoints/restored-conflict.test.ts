import { describe, expect, it } from 'vitest';
import type { RuleInput } from '../../model-server/schema.ts';
import { claudeExecutable, ended, jobPlace, parseRun, subtask } from '../main-job/job-place.ts';

/** No parser reads it, so that only its conflict says that there may be markers. */
const notes = { scope: ['NOTES.md'], produces: ['NOTES.md'] };
const change = (id: string): RuleInput => ({
  name: id,
  when: { role: 'worker', subtask: id },
  answer: [{ overwrite: { 'NOTES.md': `What ${id} noted.\n` } }, 'Done.'],
});
const resolver = (prompt: string): RuleInput => ({
  name: 'resolver',
  when: { role: 'worker', prompt },
  answer: [{ overwrite: { 'NOTES.md': 'What both noted.\n' } }, 'Resolved.'],
});

type Place = Awaited<ReturnType<typeof jobPlace>>;

const planOf = (place: Place): string => place.writePlan(subtask('a', notes), subtask('b', notes));

async function restore(place: Place, checkpoint: string) {
  const result = await place.command(
    ...['checkpoints', 'restore', checkpoint, '--yes', '--json', '--claude', claudeExecutable],
  );
  const { integrated } = parseRun(result);
  expect(place.git('show', `${integrated}:NOTES.md`)).toBe('What both noted.');
  expect(result.code, result.stderr).toBe(0);
}

describe('a conflict that is restored', { timeout: 180_000 }, () => {
  it('is not merged with the markers that its worker had left after that turn', async () => {
    const idler = { name: 'idler', when: { role: 'worker', prompt: 'conflict markers' }, answer: 'Done.' };
    const place = await jobPlace([resolver('still holds conflict markers'), idler, change('a'), change('b')]);
    const { run, code, stderr } = await place.run('--no-checks', '--plan', planOf(place));
    expect(code, stderr).toBe(0);
    const listed = await place.command('checkpoints', 'list', '--json');
    const { checkpoints } = JSON.parse(listed.stdout) as { checkpoints: { checkpoint: string; state: string }[] };
    const [left] = checkpoints.filter(({ state }) => state === 'FAILED');
    const [, name = ''] = left?.checkpoint.split('/') ?? [];
    expect(run.attempts.filter(({ id }) => id === name)).toHaveLength(1);
    const idled = place.server.requests({ rule: 'idler' }).length;
    await restore(place, left?.checkpoint ?? '');
    // The worker goes on in the session that left them.
    expect(place.server.requests({ rule: 'idler' })).toHaveLength(idled);
    place.server.assertNoUnmatched();
  });

  it('is resolved by its worker, though that had not ended a turn: what it had done before is not done again', async () => {
    const place = await jobPlace([
      { name: 'hangs', when: { role: 'worker', prompt: 'conflict markers', nth: 1 }, answer: [{ hang: true }] },
      resolver('conflict markers'),
      change('a'),
      change('b'),
    ]);
    const args = ['run', '--yes', '--json', '--no-checks', '--claude', claudeExecutable, '--plan', planOf(place)];
    const child = place.start(args);
    const result = ended(child);
    await place.server.waitForRequest({ rule: 'hangs' }, 60_000);
    process.kill(-(child.pid ?? 0), 'SIGINT');
    const { run, status, subtasks } = parseRun(await result);
    expect(status).toBe('cancelled');
    const id = subtasks.find((one) => one.status === 'cancelled')?.id ?? '';
    const done = place.server.requests({ rule: id }).length;
    await restore(place, `${run}/${id}`);
    expect(place.server.requests({ rule: id })).toHaveLength(done);
    place.server.assertNoUnmatched();
  });
});
