import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findRepository, isNewEnough } from '../../../src/node/git/locate.ts';
import { openRepository } from '../../../src/node/git/repository.ts';
import { NEVER, scratchRepository } from './scratch-repository.ts';

describe('finding a repository', () => {
  it('finds the same common folder from a subfolder, a symbolic link and a linked worktree', async () => {
    const scratch = await scratchRepository({ name: 'it\'s a "project"\nwith ünusual name' });
    const { environment, root } = scratch;
    await mkdir(join(root, 'sub', 'folder'), { recursive: true });
    await symlink(root, join(root, '..', 'link'));
    await scratch.git('worktree', 'add', '--quiet', '../linked');

    const common = join(root, '.git');
    for (const folder of [root, join(root, 'sub', 'folder'), join(root, '..', 'link')]) {
      expect(await findRepository(folder, { environment })).toEqual({ root, commonDir: common });
    }
    const linked = join(root, '..', 'linked');
    expect(await findRepository(linked, { environment })).toEqual({ root: linked, commonDir: common });
  });

  it('names what is wrong with a folder that is no working tree', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'no-repository-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const bare = await scratchRepository();
    await bare.git('clone', '--quiet', '--bare', '.', '../bare.git');
    for (const place of [folder, join(folder, 'missing'), join(bare.root, '..', 'bare.git')]) {
      await expect(findRepository(place, { environment: bare.environment })).rejects.toMatchObject({
        code: 'not-a-repository',
        message: expect.stringContaining(place),
      });
    }
  });

  it('asks for a first commit', async () => {
    const scratch = await scratchRepository({ files: null });
    await expect(scratch.open()).rejects.toMatchObject({ code: 'no-commits', fix: expect.stringContaining('commit') });
  });

  it('says that git is missing', async () => {
    const scratch = await scratchRepository();
    const environment = { ...scratch.environment, PATH: join(scratch.root, 'nowhere') };
    const opened = openRepository(scratch.root, { worktreesDir: scratch.worktreesDir, signal: NEVER, environment });
    await expect(opened).rejects.toMatchObject({ code: 'git-missing', fix: expect.stringContaining('Install') });
  });

  it('knows which versions can merge without a working tree', () => {
    expect(isNewEnough('git version 2.37.9')).toBe(false);
    expect(isNewEnough('git version 2.38.0.windows.1')).toBe(true);
    expect(isNewEnough('git version 2.39.5 (Apple Git-154)')).toBe(true);
    expect(isNewEnough('git version 3.0.0')).toBe(true);
    expect(isNewEnough('something else')).toBe(false);
  });

  it('ignores the variables a hook of another repository would pass on', async () => {
    const scratch = await scratchRepository();
    const other = await scratchRepository();
    const environment = {
      ...scratch.environment,
      GIT_DIR: join(other.root, '.git'),
      GIT_WORK_TREE: other.root,
      GIT_INDEX_FILE: join(other.root, '.git', 'index'),
    };
    expect(await findRepository(scratch.root, { environment })).toMatchObject({ root: scratch.root });
  });

  it('names the git command that failed and what git said', async () => {
    const repository = await (await scratchRepository()).open();
    const { commit } = await repository.head(NEVER);
    await expect(repository.merge(commit, 'no-such-commit', 'x', NEVER)).rejects.toMatchObject({
      code: 'git-failed',
      message: expect.stringMatching(/git merge-base failed in .*: fatal: Not a valid object name no-such-commit/s),
    });
  });

  it('stops when it is told to', async () => {
    const repository = await (await scratchRepository()).open();
    await expect(repository.head(AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
  });
});
