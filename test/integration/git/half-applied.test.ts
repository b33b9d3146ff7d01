import { rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorOf } from './failing-git.ts';
import { all, applied, change, cutOff, FILES, resultInPlace, resultOfRun, write } from './result-of-run.ts';
import { NEVER, type ScratchRepository } from './scratch-repository.ts';

describe('an apply that was ended half way', () => {
  it('is taken back beside uncommitted changes, and can be made again', async () => {
    const { scratch, repository, ready } = await resultInPlace(change);
    await scratch.git('add', 'a.txt');
    await scratch.write('c.txt', 'mine, and not theirs\n');
    const before = await all(scratch);
    const plan = await ready();
    await scratch.write('a.txt', 'changed a\n');
    await rm(join(scratch.root, 'b.txt'));
    await repository.undo(cutOff(plan), NEVER);
    expect(await all(scratch)).toEqual(before);
    await repository.apply(await ready(), NEVER);
    expect(await scratch.read('z/new.txt')).toBe('new\n');
  });

  it('leaves files alone beside uncommitted changes that neither git nor the run left so', async () => {
    const { scratch, repository, ready } = await resultInPlace(change);
    const plan = await ready();
    await scratch.write('a.txt', 'gone on\n');
    await scratch.write('z/new.txt', 'new\n');
    const before = await all(scratch);
    const error = await errorOf(repository.undo(cutOff(plan), NEVER));
    expect(error).toMatchObject({ code: 'undo-blocked', message: expect.stringContaining('a.txt') });
    expect(await all(scratch)).toEqual(before);
  });

  it.each<[string, (scratch: ScratchRepository) => Promise<unknown>]>([
    ['the beginning of a file', (s) => s.write('a.txt', 'chan')],
    ['nothing of a file', (s) => s.write('a.txt', '')],
    ['the beginning of a new file', (s) => s.write('z/new.txt', 'n')],
    ['no file where the old one was removed for it', (s) => rm(join(s.root, 'a.txt'))],
  ])('is taken back where git had written %s', async (_, end) => {
    for (const { scratch, repository, ready } of [
      await resultOfRun(change, { files: FILES }),
      await resultInPlace(change),
    ]) {
      const before = await all(scratch);
      const plan = await ready();
      await rm(join(scratch.root, 'b.txt'));
      await end(scratch);
      await repository.undo(cutOff(plan), NEVER);
      expect(await all(scratch)).toEqual(before);
    }
  });

  it('is taken back where git had written half a line end', async () => {
    const globalConfig = '[core]\nautocrlf = true\n';
    const options = { files: { 'a.txt': 'a\r\n' }, globalConfig };
    const { scratch, repository, ready } = await resultOfRun(write('a.txt', 'one\r\ntwo\r\n'), options);
    const plan = await ready();
    await scratch.write('a.txt', 'one\r');
    await repository.undo(cutOff(plan), NEVER);
    expect(await scratch.read('a.txt')).toBe('a\r\n');
  });

  it('is taken back where the way back was ended in the middle of a file', async () => {
    const { scratch, repository, ready } = await resultInPlace(change, (scratch) =>
      scratch.write('a.txt', 'mine and long\n'),
    );
    const before = await all(scratch);
    const plan = await ready();
    await repository.apply(plan, NEVER);
    await scratch.write('a.txt', 'mine an');
    await repository.undo(cutOff(plan), NEVER);
    expect(await all(scratch)).toEqual(before);
  });

  it('is taken back where only the branch was not moved yet', async () => {
    const { scratch, repository, ready } = await resultOfRun(change, { files: FILES });
    await scratch.write('c.txt', 'mine\n');
    await scratch.git('add', 'c.txt');
    const before = await all(scratch);
    const plan = await ready();
    await scratch.git('read-tree', '-m', '-u', plan.from, plan.to);
    await repository.undo(cutOff(plan), NEVER);
    expect(await all(scratch)).toEqual(before);
  });

  it('is not taken back where the person has staged something else', async () => {
    const { scratch, repository, ready } = await resultOfRun(change, { files: FILES });
    const plan = await ready();
    await scratch.write('a.txt', 'mine\n');
    await scratch.git('add', 'a.txt');
    await scratch.write('a.txt', 'changed a\n');
    const before = await all(scratch);
    await expect(repository.undo(cutOff(plan), NEVER)).rejects.toThrow('a.txt');
    expect(await all(scratch)).toEqual(before);
  });

  it('is no other than a whole one where it is whole: the beginning of a file is what the person left', async () => {
    const { scratch, repository, ready } = await resultOfRun(change, { files: FILES });
    const plan = await ready();
    await repository.apply(plan, NEVER);
    await truncate(join(scratch.root, 'a.txt'), 3);
    const before = await all(scratch);
    await expect(repository.undo(applied(plan), NEVER)).rejects.toMatchObject({ code: 'undo-blocked' });
    expect(await all(scratch)).toEqual(before);
  });

  it('is no other than a whole one beside uncommitted changes either', async () => {
    for (const end of [rm, (path: string) => truncate(path, 3)]) {
      const { scratch, repository, ready } = await resultInPlace(change);
      const plan = await ready();
      await repository.apply(plan, NEVER);
      await end(join(scratch.root, 'a.txt'));
      const before = await all(scratch);
      const error = await errorOf(repository.undo(applied(plan), NEVER));
      expect(error).toMatchObject({ code: 'undo-blocked', message: expect.stringContaining('a.txt') });
      expect(await all(scratch)).toEqual(before);
    }
  });
});

describe('an undo that was ended', () => {
  it.each<[string, (scratch: ScratchRepository) => Promise<unknown>]>([
    ['nothing was back', async () => undefined],
    ['one file was back', (s) => s.write('a.txt', 'a\n')],
    ['one file was half back', (s) => s.write('a.txt', 'c')],
    ['one file was removed, to be written', (s) => rm(join(s.root, 'a.txt'))],
    ['the files were back', (s) => filesBack(s)],
    [
      'files and index were back',
      async (s) => [await filesBack(s), await s.git('read-tree', '-i', '-m', 'HEAD', 'HEAD~1')],
    ],
  ])('goes on where %s', async (_, end) => {
    const { scratch, repository, ready } = await resultOfRun(change, { files: FILES });
    await scratch.write('c.txt', 'mine\n');
    await scratch.git('add', 'c.txt');
    const before = await all(scratch);
    const plan = await ready();
    await repository.apply(plan, NEVER);
    await end(scratch);
    await repository.undo(cutOff(plan), NEVER);
    expect(await all(scratch)).toEqual(before);
  });

  it('leaves alone what the person has changed since', async () => {
    const { scratch, repository, ready } = await resultOfRun(change, { files: FILES });
    const plan = await ready();
    await repository.apply(plan, NEVER);
    await scratch.write('b.txt', 'b\n');
    await scratch.write('a.txt', 'mine\n');
    const before = await all(scratch);
    const error = await errorOf(repository.undo(cutOff(plan), NEVER));
    expect(error).toMatchObject({ code: 'undo-blocked', message: expect.stringContaining('a.txt') });
    expect(await all(scratch)).toEqual(before);
  });
});

async function filesBack(scratch: ScratchRepository): Promise<void> {
  await scratch.write('a.txt', 'a\n');
  await scratch.write('b.txt', 'b\n');
  await rm(join(scratch.root, 'z'), { recursive: true });
}
