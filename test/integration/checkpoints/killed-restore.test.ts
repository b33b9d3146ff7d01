import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { claudeExecutable, ended, jobPlace, parseRun, subtask, writes } from '../main-job/job-place.ts';

type Place = Awaited<ReturnType<typeof jobPlace>>;

const statusSchema = z.looseObject({ runs: z.array(z.looseObject({ run: z.string(), status: z.string() })) });
const runsOf = async (place: Place): Promise<string[]> =>
  statusSchema.parse(JSON.parse((await place.command('status', '--all', '--json')).stdout)).runs.map(({ run }) => run);

/** Folders of runs, with or without a journal. */
function folders({ state }: Place): string[] {
  return readdirSync(state).flatMap((repository) => readdirSync(join(state, repository, 'runs')));
}

/** What there is once a restore has come so far. */
const MOMENTS: Readonly<Record<string, (place: Place, run: string) => boolean>> = {
  'its folder is there': () => true,
  'the first ref is there': (place, run) => place.refs().some((ref) => ref.includes(`/runs/${run}/`)),
  'its refs are there': (place, run) => place.refs().some((ref) => ref.endsWith(`/runs/${run}/integration`)),
  'a worktree is there': (place) => place.worktrees().length > 0,
  'a worker asks the model': (place) => place.server.requests({ subtask: 'b' }).length > 2,
};

describe('a restore that is killed', { timeout: 240_000 }, () => {
  it.each(Object.entries(MOMENTS))('when %s, is a whole run or none, of which nothing is left', async (_, isThere) => {
    const place = await jobPlace([writes('a'), writes('b')]);
    const plan = place.writePlan(subtask('a'), subtask('b', { dependsOn: ['a'] }));
    const first = await place.run('--plan', plan);
    expect(first.code, first.stderr).toBe(0);
    const args = ['checkpoints', 'restore', `${first.run.run}/a`, '--yes', '--json', '--claude', claudeExecutable];
    const child = place.start(args);
    const end = ended(child);
    let made: string | undefined;
    for (let isOver = false; !isOver && child.exitCode === null; ) {
      made = folders(place).find((run) => run !== first.run.run);
      isOver = made !== undefined && isThere(place, made);
      if (!isOver) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    process.kill(child.pid ?? 0, 'SIGKILL');
    await end;
    const run = made ?? '';
    if ((await runsOf(place)).includes(run)) {
      const resumed = await place.command('resume', run, '--yes', '--json', '--claude', claudeExecutable);
      const state = parseRun(resumed);
      expect({ code: resumed.code, status: state.status }, resumed.stderr).toEqual({ code: 0, status: 'completed' });
      expect(place.git('rev-parse', `${state.integrated}^{tree}`)).toBe(
        place.git('rev-parse', `${first.run.integrated}^{tree}`),
      );
      expect(place.server.requests({ subtask: 'a' })).toHaveLength(2);
    } else {
      // The next run of anything takes away what it had made by then.
      const next = await place.run('--plan', plan);
      expect(next.code, next.stderr).toBe(0);
      expect(place.refs().filter((ref) => ref.includes(run))).toEqual([]);
      expect(folders(place)).not.toContain(run);
    }
    expect(place.worktrees().filter((path) => existsSync(join(place.state, path)))).toEqual([]);
    await place.noneLeft();
  });
});
