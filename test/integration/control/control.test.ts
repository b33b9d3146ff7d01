import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import {
  claudeExecutable,
  type Ended,
  ended,
  jobPlace,
  parseRun,
  runSchema,
  subtask,
  writes,
} from '../main-job/job-place.ts';

type Place = Awaited<ReturnType<typeof jobPlace>>;

/** Its worker waits before it writes until the test opens the gate of this name. */
const gated = (name: string) => ({
  name: `gated ${name}`,
  when: { role: 'worker' as const, subtask: name },
  answer: [{ gate: name, write: { [`${name}.js`]: `export const ${name} = 1;\n` } }, 'Done.'],
});

/** Starts a run in a process of its own. */
function begin(place: Place, plan: string, ...options: readonly string[]): Promise<Ended> {
  return ended(place.start(['run', '--yes', '--json', '--claude', claudeExecutable, '--plan', plan, ...options]));
}

function controlFile({ state }: Place, run: string): string {
  const [repository = ''] = readdirSync(state);
  return join(state, repository, 'runs', run, 'control.ndjson');
}

async function status(place: Place) {
  const { stdout } = await place.command('status', '--json');
  const { runs } = JSON.parse(stdout) as { runs: unknown[] };
  return runSchema.parse(runs[0]);
}

const statuses = (run: { subtasks: readonly { id: string; status: string }[] }) =>
  Object.fromEntries(run.subtasks.map(({ id, status: now }) => [id, now]));

describe('a run that another process asks', { timeout: 180_000 }, () => {
  it('pauses, takes new, edited, skipped and pinned subtasks, and goes on', async () => {
    const place = await jobPlace([gated('first'), writes('added'), writes('edited'), writes('last')]);
    const plan = place.writePlan(
      subtask('first'),
      subtask('skipped', { dependsOn: ['first'] }),
      subtask('edited', { dependsOn: ['skipped'] }),
      subtask('last', { dependsOn: ['edited'] }),
    );
    const result = begin(place, plan);
    await place.server.waitForRequest({ subtask: 'first' }, 60_000);
    const { run } = await status(place);
    const ask = async (...args: readonly string[]) => {
      const { code, stderr } = await place.command(...args);
      return { code, stderr };
    };
    expect(await ask('pause', run)).toEqual({ code: 0, stderr: `${run}: paused.\n` });
    expect(await ask('pause', '--all')).toEqual({ code: 0, stderr: `${run}: paused. It was so already.\n` });
    place.server.open('first');
    await vi.waitFor(async () => expect(statuses(await status(place))).toMatchObject({ first: 'completed' }), {
      timeout: 60_000,
      interval: 200,
    });
    expect(await ask('change', run, 'skip', 'skipped')).toEqual({ code: 0, stderr: 'Done.\n' });
    const words = ['--title', 'Other', '--instructions', 'Do it otherwise.'];
    expect(await ask('change', run, 'edit', 'edited', ...words)).toMatchObject({ code: 0 });
    expect(await ask('change', run, 'edit', 'first', '--title', 'Late')).toEqual({
      code: 1,
      stderr: 'Refused: "first" is merged already. Add a subtask that builds on it instead.\n',
    });
    expect(await ask('change', run, 'edit', 'edited', '--after', 'last')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('in a circle'),
    });
    const definition = ['--title', 'Added', '--instructions', 'Add.', '--scope', 'added.js', '--after', 'first'];
    expect(await ask('change', run, 'add', 'added', ...definition)).toMatchObject({ code: 0 });
    expect(await ask('change', run, 'pin', 'added')).toMatchObject({ code: 0 });
    expect(place.server.requests({ subtask: 'edited' })).toEqual([]);
    expect(await ask('unpause', run)).toEqual({ code: 0, stderr: `${run}: no longer paused.\n` });
    const ended = parseRun(await result);
    expect(statuses(ended)).toEqual({
      first: 'completed',
      skipped: 'skipped',
      edited: 'completed',
      last: 'completed',
      added: 'completed',
    });
    expect(ended.status).toBe('completed');
    expect(ended.applied?.files.map(({ path }) => path).sort()).toEqual([
      'added.js',
      'edited.js',
      'first.js',
      'last.js',
    ]);
    expect(place.server.requests({ subtask: 'skipped' })).toEqual([]);
    expect(JSON.stringify(place.server.requests({ subtask: 'edited' }))).toContain('Do it otherwise.');
    await place.noneLeft();
  });

  it('ends a worker on request, keeps its work, and starts it again with other instructions', async () => {
    const place = await jobPlace([
      {
        name: 'hangs',
        when: { role: 'worker', subtask: 'a', attempt: 1 },
        answer: [{ write: { 'half.js': 'half\n' } }, { hang: true }],
      },
      writes('a'),
    ]);
    const result = begin(place, place.writePlan(subtask('a')));
    await place.server.waitForRequest({ subtask: 'a', turn: 2 }, 60_000);
    const { run } = await status(place);
    const edit = ['change', run, 'edit', 'a', '--instructions', 'Do less.'];
    expect((await place.command(...edit)).stderr).toContain('end its worker first');
    expect((await place.command('change', run, 'pause', 'a', '--end-worker')).code).toBe(0);
    await vi.waitFor(async () => expect((await place.command(...edit)).code).toBe(0), {
      timeout: 60_000,
      interval: 200,
    });
    const [waiting] = (await status(place)).subtasks;
    expect(waiting).toMatchObject({ status: 'waiting', reason: 'it is paused' });
    expect((await place.command('change', run, 'unpause', 'a')).code).toBe(0);
    const ended = parseRun(await result);
    expect(ended).toMatchObject({ status: 'completed' });
    expect(ended.attempts.map(({ outcome }) => outcome)).toEqual(['cancelled', 'accepted']);
    const kept = place.refs().filter((ref) => place.git('ls-tree', '--name-only', ref).includes('half.js'));
    expect(kept).toHaveLength(1);
    expect(ended.applied?.files.map(({ path }) => path)).toEqual(['a.js']);
    await place.noneLeft();
  });

  it('is cancelled from elsewhere', async () => {
    const place = await jobPlace([{ name: 'hangs', when: { role: 'worker' }, answer: { hang: true } }]);
    const result = begin(place, place.writePlan(subtask('a'), subtask('b')));
    await place.server.waitForRequest({ subtask: 'b' }, 60_000);
    const { run } = await status(place);
    expect(await place.command('cancel', run)).toMatchObject({ code: 0, stderr: `${run}: cancelled.\n` });
    expect(parseRun(await result)).toMatchObject({ status: 'cancelled' });
    await place.noneLeft();
  });

  it('tries again what failed, though it had ended, and goes on by a resume without what came too late', async () => {
    const place = await jobPlace([
      { name: 'refuses', when: { role: 'worker', subtask: 'a', attempt: 1 }, answer: 'I would rather not.' },
      writes('a'),
      writes('b'),
    ]);
    const first = await begin(place, place.writePlan(subtask('a'), subtask('b', { dependsOn: ['a'] })));
    const { run, ...failed } = parseRun(first);
    expect(statuses(failed)).toEqual({ a: 'failed', b: 'blocked' });
    // As from a window in which Cancel was pressed while the run's end was written.
    const late = { version: 1, id: 'late', at: 0, by: 'The editor', order: { type: 'cancel' } };
    appendFileSync(controlFile(place, run), `\n${JSON.stringify(late)}\n`);
    const retried = await place.command('change', run, 'retry', 'a');
    expect(retried).toMatchObject({ code: 0, stderr: expect.stringContaining(`claude-orchestrator resume ${run}`) });
    expect(statuses(await status(place))).toEqual({ a: 'waiting', b: 'waiting' });
    const second = await ended(place.start(['resume', run, '--yes', '--json', '--claude', claudeExecutable]));
    expect(parseRun(second)).toMatchObject({ status: 'completed', applied: { branch: 'main' } });
    await place.noneLeft();
  });

  it('keeps what was asked while nobody drove it', async () => {
    const place = await jobPlace([gated('a'), writes('b')]);
    const child = place.start(['run', '--yes', '--claude', claudeExecutable, '--plan', place.writePlan(subtask('a'))]);
    const killed = ended(child);
    await place.server.waitForRequest({ subtask: 'a' }, 60_000);
    child.kill('SIGKILL');
    await killed;
    const { run } = await status(place);
    const added = await place.command(
      'change',
      run,
      'add',
      'b',
      '--title',
      'B',
      '--instructions',
      'B.',
      '--scope',
      'b.js',
    );
    expect(added).toMatchObject({ code: 0, stderr: expect.stringContaining('Nobody drives it now') });
    place.server.open('a');
    const resumed = await ended(place.start(['resume', '--yes', '--json', '--claude', claudeExecutable]));
    expect(statuses(parseRun(resumed))).toEqual({ a: 'completed', b: 'completed' });
    await place.noneLeft();
  });
});
