import { rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorOf } from './failing-git.ts';
import { all, applied, cutOff, FILES, resultInPlace, resultOfRun, write } from './result-of-run.ts';
import { NEVER, type ScratchRepository } from './scratch-repository.ts';

describe("the person's files that git would write over without a word", () => {
  const IGNORED = { files: { ...FILES, '.gitignore': '*.log\n' } };

  it.each<[string, (path: string) => Promise<unknown>, (scratch: ScratchRepository) => Promise<unknown>]>([
    [
      'an ignored file',
      async (path) => [await write('.gitignore', '')(path), await write('my.log', 'theirs\n')(path)],
      (s) => s.write('my.log', 'mine\n'),
    ],
    ['a file where a folder is needed', write('z/new.txt', 'new\n'), (s) => s.write('z', 'mine\n')],
    [
      'an ignored file where a folder is needed',
      write('z/new.txt', 'new\n'),
      async (s) => [await s.write('.git/info/exclude', 'z\n'), await s.write('z', 'mine\n')],
    ],
    ['a folder where a file is needed', write('z', 'new\n'), (s) => s.write('z/mine.txt', 'mine\n')],
    ['a folder of ignored files where a file is needed', write('z', 'new\n'), (s) => s.write('z/my.log', 'mine\n')],
    ['a link where a folder is needed', write('z/new.txt', ''), (s) => symlink('elsewhere', join(s.root, 'z'))],
  ])('%s: stay beside what is written in place', async (_, theirs, mine) => {
    const { scratch, repository, plan, ready } = await resultInPlace(theirs, undefined, IGNORED);
    const made = await ready();
    await mine(scratch);
    const before = await all(scratch);
    expect(await plan()).toMatchObject({ ok: false, reason: 'in-the-way' });
    const error = await errorOf(repository.apply(made, NEVER));
    expect(error).toMatchObject({ code: 'apply-blocked', message: expect.stringContaining('Nothing was changed') });
    expect(await all(scratch)).toEqual(before);
  });

  it.each<[string, (path: string) => Promise<unknown>, (scratch: ScratchRepository) => Promise<unknown>]>([
    [
      'an ignored file',
      async (path) => [await write('.gitignore', 'b.txt\n')(path), await rm(join(path, 'b.txt'))],
      (s) => s.write('b.txt', 'mine\n'),
    ],
    [
      'ignored files in a folder that is to be a file again',
      async (path) => [await rm(join(path, 'b.txt')), await write('b.txt/new.txt', 'new\n')(path)],
      (s) => s.write('b.txt/my.log', 'mine\n'),
    ],
  ])('%s: stay when it is undone', async (_, theirs, mine) => {
    for (const { scratch, repository, ready } of [
      await resultOfRun(theirs, IGNORED),
      await resultInPlace(theirs, undefined, IGNORED),
    ]) {
      const plan = await ready();
      await repository.apply(plan, NEVER);
      await mine(scratch);
      const before = await all(scratch);
      const error = await errorOf(repository.undo(applied(plan), NEVER));
      expect(error).toMatchObject({ code: 'undo-blocked', message: expect.stringContaining('b.txt') });
      expect(await all(scratch)).toEqual(before);
    }
  });

  it('stay out of sight where only a part of the repository is checked out', async () => {
    const files = { ...FILES, 'in/x.txt': 'x\n', 'out/y.txt': 'y\n' };
    const { scratch, repository, ready } = await resultOfRun(
      async (path) => [await write('in/x.txt', 'X\n')(path), await write('out/y.txt', 'Y\n')(path)],
      { files },
    );
    await scratch.git('sparse-checkout', 'set', '--cone', 'in');
    const before = await all(scratch);
    const plan = await ready();
    await repository.apply(plan, NEVER);
    await repository.undo(cutOff(plan), NEVER);
    expect(await all(scratch)).toEqual(before);
    await scratch.git('read-tree', '-m', '-u', plan.from, plan.to);
    await repository.undo(cutOff(plan), NEVER);
    expect(await all(scratch)).toEqual(before);
    await writeFile(join(scratch.root, 'in/x.txt'), 'X\n');
    await repository.undo(cutOff(plan), NEVER);
    expect(await all(scratch)).toEqual(before);
  });
});
