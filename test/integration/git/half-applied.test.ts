import { rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ApplyPlan } from '../../../src/core/ports/repository.ts';
import { everything, FILES, type ResultOfRun, resultOfRun, write } from './result-of-run.ts';
import { NEVER, type ScratchOptions, type ScratchRepository } from './scratch-repository.ts';

type Ready = Extract<ApplyPlan, { ok: true }>;

const applied = ({ branch, from, to, inPlace }: Ready) => ({ branch, from, to, inPlace: inPlace === true });
/** Also what is not tracked, and what is staged. */
const all = async (scratch: ScratchRepository): Promise<unknown> => [
  await everything(scratch),
  await scratch.git('status', '--porcelain', '--untracked-files=all'),
];
const errorOf = (promise: Promise<unknown>): Promise<{ code: string; message: string; fix: string }> =>
  promise.then(
    () => expect.fail('It did not fail.'),
    (error) => error,
  );

const change = async (path: string): Promise<void> => {
  await write('a.txt', 'changed a\n')(path);
  await write('z/new.txt', 'new\n')(path);
  await rm(join(path, 'b.txt'));
};

interface InPlace extends Pick<ResultOfRun, 'scratch' | 'repository'> {
  plan(): Promise<ApplyPlan>;
  ready(): Promise<Ready>;
}

/** A result on the uncommitted changes that `mine` makes, so that it is written beside them. */
async function inPlace(
  theirs: (path: string) => Promise<unknown>,
  mine: (scratch: ScratchRepository) => Promise<unknown> = (scratch) => scratch.write('a.txt', 'mine\n'),
  options: ScratchOptions = { files: FILES },
): Promise<InPlace> {
  const { scratch, repository } = await resultOfRun(change, options);
  await mine(scratch);
  const snapshot = await repository.snapshotFiles('refs/claude-orchestrator/s', 's', NEVER);
  const worktree = await repository.openWorktree('2', snapshot, NEVER);
  await theirs(worktree);
  const { commit } = await repository.capture(worktree, snapshot, 'refs/claude-orchestrator/r2', 'r', NEVER);
  const plan = () => repository.planInPlace(commit, snapshot, NEVER);
  const ready = async () => {
    const made = await plan();
    if (!made.ok) throw new Error(`${made.reason}: ${made.message} ${made.paths.join(', ')}`);
    return made;
  };
  return { scratch, repository, plan, ready };
}

/** From now on git fails in the middle of writing, at the files of this name: those before it are written by then. */
async function breakFilter(scratch: ScratchRepository, name: string, smudge = 'false'): Promise<void> {
  await scratch.git('config', 'filter.broken.smudge', smudge);
  await scratch.git('config', 'filter.broken.clean', 'cat');
  await scratch.git('config', 'filter.broken.required', 'true');
  await scratch.write('.git/info/attributes', `${name} filter=broken\n`);
}
const mendFilter = (scratch: ScratchRepository) => rm(join(scratch.root, '.git/info/attributes'));

describe('an apply that was ended half way', () => {
  it('is taken back beside uncommitted changes, and can be made again', async () => {
    const { scratch, repository, ready } = await inPlace(change);
    await scratch.git('add', 'a.txt');
    await scratch.write('c.txt', 'mine, and not theirs\n');
    const before = await all(scratch);
    const plan = await ready();
    await scratch.write('a.txt', 'changed a\n');
    await rm(join(scratch.root, 'b.txt'));
    await repository.undo(applied(plan), NEVER);
    expect(await all(scratch)).toEqual(before);
    await repository.apply(await ready(), NEVER);
    expect(await scratch.read('z/new.txt')).toBe('new\n');
  });

  it('leaves files alone beside uncommitted changes that neither git nor the run left so', async () => {
    const { scratch, repository, ready } = await inPlace(change);
    const plan = await ready();
    await scratch.write('a.txt', 'gone on\n');
    await scratch.write('z/new.txt', 'new\n');
    const before = await all(scratch);
    const error = await errorOf(repository.undo(applied(plan), NEVER));
    expect(error).toMatchObject({ code: 'undo-blocked', message: expect.stringContaining('a.txt') });
    expect(await all(scratch)).toEqual(before);
  });

  it.each<[string, (scratch: ScratchRepository) => Promise<unknown>]>([
    ['the beginning of a file', (s) => s.write('a.txt', 'chan')],
    ['nothing of a file', (s) => s.write('a.txt', '')],
    ['the beginning of a new file', (s) => s.write('z/new.txt', 'n')],
    ['no file where the old one was removed for it', (s) => rm(join(s.root, 'a.txt'))],
  ])('is taken back where git had written %s', async (_, end) => {
    for (const { scratch, repository, ready } of [await resultOfRun(change, { files: FILES }), await inPlace(change)]) {
      const before = await all(scratch);
      const plan = await ready();
      await rm(join(scratch.root, 'b.txt'));
      await end(scratch);
      await repository.undo(applied(plan), NEVER);
      expect(await all(scratch)).toEqual(before);
    }
  });

  it('is taken back where git had written half a line end', async () => {
    const globalConfig = '[core]\nautocrlf = true\n';
    const options = { files: { 'a.txt': 'a\r\n' }, globalConfig };
    const { scratch, repository, ready } = await resultOfRun(write('a.txt', 'one\r\ntwo\r\n'), options);
    const plan = await ready();
    await scratch.write('a.txt', 'one\r');
    await repository.undo(applied(plan), NEVER);
    expect(await scratch.read('a.txt')).toBe('a\r\n');
  });

  it('is taken back where the way back was ended in the middle of a file', async () => {
    const { scratch, repository, ready } = await inPlace(change, (scratch) =>
      scratch.write('a.txt', 'mine and long\n'),
    );
    const before = await all(scratch);
    const plan = await ready();
    await repository.apply(plan, NEVER);
    await scratch.write('a.txt', 'mine an');
    await repository.undo(applied(plan), NEVER);
    expect(await all(scratch)).toEqual(before);
  });

  it('is taken back where only the branch was not moved yet', async () => {
    const { scratch, repository, ready } = await resultOfRun(change, { files: FILES });
    await scratch.write('c.txt', 'mine\n');
    await scratch.git('add', 'c.txt');
    const before = await all(scratch);
    const plan = await ready();
    await scratch.git('read-tree', '-m', '-u', plan.from, plan.to);
    await repository.undo(applied(plan), NEVER);
    expect(await all(scratch)).toEqual(before);
  });

  it('is not taken back where the person has staged something else', async () => {
    const { scratch, repository, ready } = await resultOfRun(change, { files: FILES });
    const plan = await ready();
    await scratch.write('a.txt', 'mine\n');
    await scratch.git('add', 'a.txt');
    await scratch.write('a.txt', 'changed a\n');
    const before = await all(scratch);
    await expect(repository.undo(applied(plan), NEVER)).rejects.toThrow('a.txt');
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
});

describe('an undo that was ended', () => {
  it('goes on where only the files were back', async () => {
    const { scratch, repository, ready } = await resultOfRun(change, { files: FILES });
    const before = await all(scratch);
    const plan = await ready();
    await repository.apply(plan, NEVER);
    await scratch.write('a.txt', 'a\n');
    await scratch.write('b.txt', 'b\n');
    await rm(join(scratch.root, 'z'), { recursive: true });
    await repository.undo(applied(plan), NEVER);
    expect(await all(scratch)).toEqual(before);
  });
});

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
    await repository.undo(applied(plan), NEVER);
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
    const { scratch, repository, ready } = await inPlace(change);
    const before = await all(scratch);
    const plan = await ready();
    await breakFilter(scratch, 'new.txt');
    const error = await errorOf(repository.apply(plan, NEVER));
    expect(error).toMatchObject({ code: 'apply-blocked', message: expect.stringContaining('taken back') });
    expect(error.message).not.toContain('Nothing was changed');
    expect(await all(scratch)).toEqual(before);
  });

  it('an apply beside uncommitted changes that can not be taken back says so, and is undone later', async () => {
    const { scratch, repository, ready } = await inPlace(async (path) => {
      await change(path);
      await write('c.txt', 'changed c\n')(path);
    });
    const before = await all(scratch);
    const plan = await ready();
    await breakFilter(scratch, 'c.txt');
    const error = await errorOf(repository.apply(plan, NEVER));
    expect(error).toMatchObject({ code: 'git-failed', fix: expect.stringContaining('undo') });
    await mendFilter(scratch);
    await repository.undo(applied(plan), NEVER);
    expect(await all(scratch)).toEqual(before);
  });

  it.each<[string, () => Promise<Pick<ResultOfRun, 'scratch' | 'repository' | 'ready'>>]>([
    ['of a commit', () => resultOfRun(change, { files: FILES })],
    ['of files beside uncommitted changes', () => inPlace(change)],
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

  it('an apply is taken back where the disk is so full that a file can only be begun', async () => {
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
    await repository.undo(applied(plan), NEVER);
    await mendFilter(scratch);
    expect(await all(scratch)).toEqual(before);
  });

  it('an undo that can not be taken back says so', async () => {
    const { scratch, repository, ready } = await resultOfRun(change, { files: FILES });
    const plan = await ready();
    await repository.apply(plan, NEVER);
    await breakFilter(scratch, 'a.txt');
    const error = await errorOf(repository.undo(applied(plan), NEVER));
    expect(error).toMatchObject({ code: 'git-failed', fix: expect.stringContaining('HEAD') });
    expect(error.message).not.toContain('Nothing was changed');
  });
});

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
    const { scratch, repository, plan, ready } = await inPlace(theirs, undefined, IGNORED);
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
      await inPlace(theirs, undefined, IGNORED),
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
    await repository.undo(applied(plan), NEVER);
    expect(await all(scratch)).toEqual(before);
    await scratch.git('read-tree', '-m', '-u', plan.from, plan.to);
    await repository.undo(applied(plan), NEVER);
    expect(await all(scratch)).toEqual(before);
    await writeFile(join(scratch.root, 'in/x.txt'), 'X\n');
    await repository.undo(applied(plan), NEVER);
    expect(await all(scratch)).toEqual(before);
  });
});
