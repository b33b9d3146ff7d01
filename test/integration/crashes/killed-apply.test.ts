import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jobPlace, subtask, writes } from '../main-job/job-place.ts';

const LOCK = '.git/index.lock';

/** Ends git, and who started it, when git comes to write the file of this name. */
const KILLS = 'kill -9 $(cut -d" " -f4 /proc/$PPID/stat) $PPID';

describe.skipIf(process.platform !== 'linux')(
  'an orchestrator that is killed with its git',
  { timeout: 120_000 },
  () => {
    it('in the middle of an apply or an undo leaves what undo takes back', async () => {
      const place = await jobPlace(['a', 'b', 'c'].map((id) => writes(id)));
      for (const id of ['a', 'b']) place.write(`${id}.js`, 'export const old = 1;\n');
      place.git('add', '-A');
      place.git('commit', '--quiet', '-m', 'old files');
      const before = place.git('rev-parse', 'HEAD');
      const { run } = await place.run('--plan', place.writePlan(...['a', 'b', 'c'].map((id) => subtask(id))));
      const after = place.git('rev-parse', 'HEAD');
      expect(after).not.toBe(before);
      for (const [key, command] of Object.entries({ smudge: KILLS, clean: 'cat', required: 'true' }))
        place.git('config', `filter.kills.${key}`, command);
      const killsAt = (file: string): void => place.write('.git/info/attributes', file && `${file} filter=kills\n`);
      const isBefore = (): void => {
        expect(place.git('rev-parse', 'HEAD')).toBe(before);
        expect(place.git('status', '--porcelain')).toBe('');
      };

      killsAt('b.js');
      expect(await place.command('undo', run.run)).toMatchObject({ code: null });
      killsAt('');
      expect(place.git('status', '--porcelain')).not.toBe('');
      expect((await place.command('status')).stdout).toContain('Undoing it was cut off.');
      // Git's own lock, of which nobody but the person knows whether it is still held.
      expect(await place.command('undo', run.run)).toMatchObject({ code: 1, stderr: expect.stringContaining(LOCK) });
      rmSync(join(place.root, LOCK));
      expect(await place.command('undo', run.run)).toMatchObject({ code: 0 });
      isBefore();

      killsAt('b.js');
      expect(await place.command('apply', run.run)).toMatchObject({ code: null });
      killsAt('');
      rmSync(join(place.root, LOCK));
      expect((await place.command('status')).stdout).toContain('Applying it was cut off.');
      expect(await place.command('apply', run.run)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('Undo it ("claude-orchestrator undo'),
      });
      expect(await place.command('undo', run.run)).toMatchObject({ code: 0 });
      isBefore();

      expect(await place.command('apply', run.run)).toMatchObject({ code: 0 });
      expect(place.read('b.js')).toBe('export const b = 1;\n');
      expect(place.git('status', '--porcelain')).toBe('');
      await place.noneLeft();
    });
  },
);
