import { chmod, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { all, applied, cutOff, FILES, resultOfRun, write } from './result-of-run.ts';
import { NEVER, type ScratchRepository } from './scratch-repository.ts';

const change = async (path: string): Promise<void> => {
  await write('a.txt', 'changed\n')(path);
  await write('new/file.txt', 'new\n')(path);
  await rm(join(path, 'b.txt'));
};

describe('undoing what was applied', () => {
  it('brings branch, index and files back, whatever is staged, changed or new elsewhere', async () => {
    const { scratch, repository, ready } = await resultOfRun(
      async (path) => {
        await change(path);
        await writeFile(join(path, 'run.sh'), '#!/bin/sh\n');
        await chmod(join(path, 'run.sh'), 0o755);
        await symlink('a.txt', join(path, 'link'));
      },
      { files: FILES },
    );
    await scratch.write('c.txt', 'staged\n');
    await scratch.git('add', 'c.txt');
    await scratch.write('c.txt', 'staged and more\r\n');
    await scratch.write('mine.txt', 'untracked\n');
    const before = await all(scratch);
    const plan = await ready();
    await repository.apply(plan, NEVER);
    expect(await all(scratch)).not.toEqual(before);
    await repository.undo(applied(plan), NEVER);
    expect(await all(scratch)).toEqual(before);
    // Once more does nothing.
    await repository.undo(applied(plan), NEVER);
    expect(await all(scratch)).toEqual(before);
  });

  it('runs none of the hooks', async () => {
    const { scratch, repository, ready } = await resultOfRun(change, { files: FILES });
    await scratch.trapHooks();
    const plan = await ready();
    await repository.apply(plan, NEVER);
    await repository.undo(applied(plan), NEVER);
    expect(await scratch.canary()).toBe(false);
  });

  it.each<readonly [string, (scratch: ScratchRepository) => Promise<unknown>, string]>([
    [
      'with a commit',
      async (scratch) => {
        await scratch.write('d.txt', 'd\n');
        await scratch.commit();
      },
      'git revert',
    ],
    ['on another branch', (scratch) => scratch.git('checkout', '--quiet', '-b', 'other'), 'other is checked out'],
    ['in a file that it changed', (scratch) => scratch.write('a.txt', 'mine\n'), 'a.txt'],
    [
      'in the index',
      async (scratch) => {
        await scratch.write('a.txt', 'mine\n');
        await scratch.git('add', 'a.txt');
        await scratch.write('a.txt', 'changed\n');
      },
      'a.txt',
    ],
    ['with a file where it deleted one', (scratch) => scratch.write('b.txt', 'mine again\n'), 'b.txt'],
    ['by removing a file that it added', (scratch) => rm(join(scratch.root, 'new', 'file.txt')), 'new/file.txt'],
  ])('is refused when the person has gone on %s, and changes nothing', async (_how, goOn, reason) => {
    const { scratch, repository, ready } = await resultOfRun(change, { files: FILES });
    const plan = await ready();
    await repository.apply(plan, NEVER);
    await goOn(scratch);
    const before = await all(scratch);
    const undone = repository.undo(applied(plan), NEVER);
    await expect(undone).rejects.toMatchObject({ code: 'undo-blocked' });
    const error = await undone.catch((caught: { message: string; fix: string }) => `${caught.message} ${caught.fix}`);
    expect(error).toContain(reason);
    expect(await all(scratch)).toEqual(before);
  });

  it('goes on where it was cut off before the branch was moved', async () => {
    const { scratch, repository, ready } = await resultOfRun(change, { files: FILES });
    const before = await all(scratch);
    const plan = await ready();
    await repository.apply(plan, NEVER);
    await scratch.git('read-tree', '-m', '-u', plan.to, plan.from);
    await repository.undo(applied(plan), NEVER);
    expect(await all(scratch)).toEqual(before);
  });

  it('puts back what git had written when it was killed while it applied', async () => {
    const { scratch, repository, ready } = await resultOfRun(change, { files: FILES });
    await scratch.write('mine.txt', 'untracked\n');
    const before = await all(scratch);
    const plan = await ready();
    await scratch.write('a.txt', 'changed\n');
    await scratch.write('new/file.txt', 'new\n');
    await writeFile(join(scratch.root, '.git/index.lock'), 'half an index');
    await repository.undo(cutOff(plan), NEVER);
    await rm(join(scratch.root, '.git/index.lock'));
    expect(await all(scratch)).toEqual(before);
    await repository.apply(await ready(), NEVER);
  });

  it('leaves files alone that neither git nor the run left so when it was killed', async () => {
    const { scratch, repository, ready } = await resultOfRun(change, { files: FILES });
    const plan = await ready();
    await scratch.write('a.txt', 'by the person\n');
    await scratch.write('new/file.txt', 'new\n');
    const before = await all(scratch);
    await expect(repository.undo(cutOff(plan), NEVER)).rejects.toThrow('a.txt');
    expect(await all(scratch)).toEqual(before);
  });

  it('takes back what was written beside uncommitted changes', async () => {
    const { scratch, repository } = await resultOfRun(change, { files: FILES });
    await scratch.write('c.txt', 'mine\n');
    await scratch.write('mine.txt', 'mine\n');
    await scratch.git('add', 'c.txt');
    const before = await all(scratch);
    const snapshot = await repository.snapshotFiles('refs/claude-orchestrator/s', 's', NEVER);
    const worktree = await repository.openWorktree('2', snapshot, NEVER);
    await write('c.txt', 'mine and theirs\n')(worktree);
    await write('fresh.txt', 'fresh\n')(worktree);
    await rm(join(worktree, 'a.txt'));
    const { commit } = await repository.capture(worktree, snapshot, 'refs/claude-orchestrator/r2', 'r', NEVER);
    const plan = await repository.planInPlace(commit, snapshot, NEVER);
    if (!plan.ok) throw new Error(plan.message);
    await repository.apply(plan, NEVER);
    expect(await scratch.read('c.txt')).toBe('mine and theirs\n');
    const application = applied(plan);
    await repository.undo(application, NEVER);
    expect(await all(scratch)).toEqual(before);
    await repository.apply(plan, NEVER);
    await scratch.write('fresh.txt', 'gone on\n');
    await expect(repository.undo(application, NEVER)).rejects.toMatchObject({ code: 'undo-blocked' });
    expect(await scratch.read('c.txt')).toBe('mine and theirs\n');
  });
});
