import { describe, expect, it } from 'vitest';
import { breakFilter, errorOf, mendFilter } from './failing-git.ts';
import {
  all,
  applied,
  change,
  cutOff,
  FILES,
  type ResultOfRun,
  resultInPlace,
  resultOfRun,
  write,
} from './result-of-run.ts';
import { NEVER } from './scratch-repository.ts';

describe('where git fails in the middle of writing', () => {
  it('an apply is taken back', async () => {
    const { scratch, repository, ready } = await resultOfRun(change, { files: FILES });
    await scratch.write('c.txt', 'staged\n');
    await scratch.git('add', 'c.txt');
    await scratch.write('c.txt', 'staged and more\n');
    await scratch.write('mine.txt', 'mine\n');
    const before = await all(scratch);
    const plan = await ready();
    await breakFilter(scratch, 'new.txt');
    const error = await errorOf(repository.apply(plan, NEVER));
    expect(error).toMatchObject({ code: 'apply-blocked', message: expect.stringContaining('taken back') });
    expect(error.message).toContain('smudge filter broken failed');
    expect(error.message).not.toContain('Nothing was changed');
    expect(await all(scratch)).toEqual(before);
    await mendFilter(scratch);
    await repository.apply(await ready(), NEVER);
    expect(await scratch.git('rev-parse', 'main')).not.toBe(plan.from);
  });

  it('an apply that can not be taken back says so, and is undone later', async () => {
    const { scratch, repository, ready } = await resultOfRun(
      async (path) => [await change(path), await write('c.txt', 'changed c\n')(path)],
      { files: FILES },
    );
    const before = await all(scratch);
    const plan = await ready();
    // The old file is gone before the new one fails, and the filter fails at the old one, too.
    await breakFilter(scratch, 'c.txt');
    const error = await errorOf(repository.apply(plan, NEVER));
    expect(error).toMatchObject({ code: 'git-failed', fix: expect.stringContaining('undo') });
    expect(error.message).not.toContain('Nothing was changed');
    await mendFilter(scratch);
    await repository.undo(cutOff(plan), NEVER);
    expect(await all(scratch)).toEqual(before);
  });

  it.skipIf(process.platform === 'win32')('an apply is taken back though git was killed', async () => {
    const { scratch, repository, ready } = await resultOfRun(change, { files: FILES });
    const before = await all(scratch);
    const plan = await ready();
    await breakFilter(scratch, 'new.txt', 'kill -9 $PPID');
    const error = await errorOf(repository.apply(plan, NEVER));
    expect(error).toMatchObject({ code: 'apply-blocked', message: expect.stringContaining('it was killed') });
    expect(await all(scratch)).toEqual(before);
  });

  it('an apply is taken back where the branch is locked, which git moves last', async () => {
    const { scratch, repository, ready } = await resultOfRun(change, { files: FILES });
    await scratch.write('c.txt', 'staged\n');
    await scratch.git('add', 'c.txt');
    const before = await all(scratch);
    const plan = await ready();
    await scratch.write('.git/refs/heads/main.lock', '');
    const error = await errorOf(repository.apply(plan, NEVER));
    expect(error).toMatchObject({ code: 'apply-blocked', message: expect.stringContaining('taken back') });
    expect(await all(scratch)).toEqual(before);
  });

  it('an apply beside uncommitted changes is taken back', async () => {
    const { scratch, repository, ready } = await resultInPlace(change);
    const before = await all(scratch);
    const plan = await ready();
    await breakFilter(scratch, 'new.txt');
    const error = await errorOf(repository.apply(plan, NEVER));
    expect(error).toMatchObject({ code: 'apply-blocked', message: expect.stringContaining('taken back') });
    expect(error.message).not.toContain('Nothing was changed');
    expect(await all(scratch)).toEqual(before);
  });

  it('an apply beside uncommitted changes that can not be taken back says so, and is undone later', async () => {
    const { scratch, repository, ready } = await resultInPlace(async (path) => {
      await change(path);
      await write('c.txt', 'changed c\n')(path);
    });
    const before = await all(scratch);
    const plan = await ready();
    await breakFilter(scratch, 'c.txt');
    const error = await errorOf(repository.apply(plan, NEVER));
    expect(error).toMatchObject({ code: 'git-failed', fix: expect.stringContaining('undo') });
    await mendFilter(scratch);
    await repository.undo(cutOff(plan), NEVER);
    expect(await all(scratch)).toEqual(before);
  });

  it.each<[string, () => Promise<Pick<ResultOfRun, 'scratch' | 'repository' | 'ready'>>]>([
    ['of a commit', () => resultOfRun(change, { files: FILES })],
    ['of files beside uncommitted changes', () => resultInPlace(change)],
  ])('an undo %s changes nothing', async (_, make) => {
    const { scratch, repository, ready } = await make();
    const first = await all(scratch);
    const plan = await ready();
    await repository.apply(plan, NEVER);
    const before = await all(scratch);
    await breakFilter(scratch, 'b.txt');
    const error = await errorOf(repository.undo(applied(plan), NEVER));
    expect(error).toMatchObject({ code: 'undo-blocked', message: expect.stringContaining('taken back') });
    expect(await all(scratch)).toEqual(before);
    await mendFilter(scratch);
    await repository.undo(applied(plan), NEVER);
    expect(await all(scratch)).toEqual(first);
  });

  it('an apply that left the beginning of a file on a full disk is undone, though git has no room to look at it', async () => {
    const { scratch, repository, ready } = await resultOfRun(change, { files: FILES });
    const before = await all(scratch);
    const plan = await ready();
    await scratch.write('a.txt', 'chan');
    await scratch.write('z/new.txt', 'new\n');
    // As git says it when it has no room for what it looks at.
    await scratch.git('config', 'filter.full.clean', 'echo No space left on device >&2; false');
    await scratch.git('config', 'filter.full.smudge', 'cat');
    await scratch.git('config', 'filter.full.required', 'true');
    await scratch.write('.git/info/attributes', 'a.txt filter=full\n');
    await repository.undo(cutOff(plan), NEVER);
    await mendFilter(scratch);
    expect(await all(scratch)).toEqual(before);
  });

  it('an undo that can not be taken back says so, and goes on later', async () => {
    const { scratch, repository, ready } = await resultOfRun(change, { files: FILES });
    const before = await all(scratch);
    const plan = await ready();
    await repository.apply(plan, NEVER);
    await breakFilter(scratch, 'a.txt');
    const error = await errorOf(repository.undo(applied(plan), NEVER));
    expect(error).toMatchObject({ code: 'git-failed', fix: 'Mend that, then undo again.' });
    expect(error.message).not.toContain('Nothing was changed');
    await mendFilter(scratch);
    await repository.undo(cutOff(plan), NEVER);
    expect(await all(scratch)).toEqual(before);
  });
});
