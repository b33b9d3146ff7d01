import { chmod, mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Repository } from '../../../src/core/ports/repository.ts';
import { startIn } from './process-in-folder.ts';
import { NEVER, type ScratchRepository, scratchRepository } from './scratch-repository.ts';

const FILES = { 'a.txt': 'a\n', 'src/b.txt': 'b\n', '.gitignore': 'ignored/\n*.log\n' };

/** A worktree that a former attempt has worked in and given back. */
async function used(work: (path: string, scratch: ScratchRepository) => Promise<void>) {
  const scratch = await scratchRepository({ files: FILES });
  const repository = await scratch.open();
  const { commit } = await repository.head(NEVER);
  const former = await repository.openWorktree('former', commit, NEVER);
  await work(former, scratch);
  await repository.closeWorktree('former');
  return { scratch, repository, commit, former };
}

/** What git and the disk say about a worktree that should be as fresh. */
async function stateOf(scratch: ScratchRepository, path: string) {
  const inside = (...args: string[]) => scratch.git('-C', path, ...args);
  return {
    head: await inside('rev-parse', 'HEAD'),
    branch: await inside('symbolic-ref', '-q', 'HEAD').catch(() => 'detached'),
    status: await inside('status', '--porcelain', '--ignored'),
    flagged: (await inside('ls-files', '-v')).split('\n').filter((line) => !line.startsWith('H ')),
    settings: await inside('config', '--worktree', '--list').catch(() => ''),
    administration: (await readdir(await inside('rev-parse', '--absolute-git-dir')))
      .filter((name) => name !== 'logs')
      .sort(),
    files: (await readdir(path)).sort(),
  };
}

const worktrees = async (scratch: ScratchRepository): Promise<number> =>
  (await scratch.git('worktree', 'list')).split('\n').length - 1;

const snapshots = (scratch: ScratchRepository) =>
  scratch.git('for-each-ref', '--format=%(refname)', 'refs/claude-orchestrator/snapshots');

async function next(repository: Repository, base: string): Promise<string> {
  return repository.openWorktree('next', base, NEVER);
}

describe('a worktree that is used again', () => {
  it('has another path and is otherwise as fresh, whatever was done in it', async () => {
    const { scratch, repository, commit, former } = await used(async (path, { git }) => {
      const inside = (...args: string[]) => git('-C', path, ...args);
      await writeFile(join(path, 'a.txt'), 'changed\n');
      await writeFile(join(path, 'new.txt'), 'new\n');
      await mkdir(join(path, 'ignored', 'deep'), { recursive: true });
      await writeFile(join(path, 'ignored', 'deep', 'x.log'), 'x');
      await mkdir(join(path, 'empty'));
      await inside('switch', '--quiet', '-c', 'own-branch');
      await inside('update-index', '--assume-unchanged', 'src/b.txt');
      await writeFile(join(path, 'src', 'b.txt'), 'hidden\n');
      await inside('config', 'extensions.worktreeConfig', 'true');
      await inside('config', '--worktree', 'user.name', 'Somebody');
      await inside('sparse-checkout', 'set', '--no-cone', '/a.txt');
      await inside('worktree', 'lock', path);
      await inside('init', '--quiet', 'nested');
      const gitDir = await inside('rev-parse', '--absolute-git-dir');
      await writeFile(join(gitDir, 'index.lock'), '');
      await writeFile(join(gitDir, 'MERGE_HEAD'), 'x');
    });
    const fresh = await repository.openWorktree('fresh', commit, NEVER).then(async (path) => {
      // The pool gives the used one first.
      expect(await worktrees(scratch)).toBe(1);
      return path;
    });
    expect(fresh).not.toBe(former);
    const made = await repository.openWorktree('made', commit, NEVER);
    const expected = await stateOf(scratch, made);
    expect(await stateOf(scratch, fresh)).toEqual(expected);
    expect(expected).toMatchObject({ head: commit, branch: 'detached', status: '', flagged: [] });
    expect(await readFile(join(fresh, 'src', 'b.txt'), 'utf8')).toBe('b\n');
    expect(await scratch.git('rev-parse', 'refs/heads/own-branch')).toBe(commit);
  });

  it.each([
    ['only what was captured', '', ['a.txt', 'src']],
    ['an ignored file besides', 'later.log', ['a.txt', 'src']],
    ['a file besides that came after the capture', 'later.txt', ['a.txt', 'src']],
  ])('is as fresh where it holds new files, and %s', async (_, later, files) => {
    const { scratch, repository, commit } = await used(async () => undefined);
    const again = await repository.openWorktree('again', commit, NEVER);
    await mkdir(join(again, 'new', 'deep'), { recursive: true });
    for (const path of ['new/deep/x.js', 'new/x.js', 'src/new.js']) await writeFile(join(again, path), 'x\n');
    await repository.capture(again, commit, 'refs/claude-orchestrator/r', 'r', NEVER);
    if (later !== '') await writeFile(join(again, later), 'x\n');
    await repository.closeWorktree('again');
    const fresh = await next(repository, commit);
    const made = await stateOf(scratch, await repository.openWorktree('made', commit, NEVER));
    const withoutTraces = { ...made, administration: made.administration.filter((name) => name !== 'ORIG_HEAD') };
    const found = await stateOf(scratch, fresh);
    expect({ ...found, administration: found.administration.filter((name) => name !== 'ORIG_HEAD') }).toEqual(
      withoutTraces,
    );
    expect(found.files.filter((name) => !name.startsWith('.git'))).toEqual(files);
    expect(await readdir(join(fresh, 'src'))).toEqual(['b.txt']);
    expect(await snapshots(scratch)).toEqual(later === 'later.txt' ? expect.stringContaining('/again/') : '');
    expect(await worktrees(scratch)).toBe(2);
    // What it knows about its files serves the next capture.
    await writeFile(join(fresh, 'src', 'b.txt'), 'changed\n');
    const captured = await repository.capture(fresh, commit, 'refs/claude-orchestrator/s', 's', NEVER);
    expect(captured.files).toEqual([{ path: 'src/b.txt', change: 'modified' }]);
  });

  it('was snapshot first: changes, new files and commits without a branch', async () => {
    const { scratch, repository, commit } = await used(async (path, { git }) => {
      await writeFile(join(path, 'a.txt'), 'own\n');
      await git('-C', path, 'commit', '--quiet', '-am', 'own');
      await writeFile(join(path, 'new.txt'), 'new\n');
    });
    await next(repository, commit);
    const ref = await snapshots(scratch);
    expect(await scratch.git('show', `${ref}:new.txt`)).toBe('new');
    expect(await scratch.git('show', `${ref}^:a.txt`)).toBe('own');
  });

  it('has the files of its own base', async () => {
    const { scratch, repository } = await used(async (path) => {
      await writeFile(join(path, 'left.txt'), 'left\n');
    });
    await scratch.write('later.txt', 'later\n');
    await scratch.git('rm', '--quiet', 'a.txt');
    const later = await scratch.commit();
    const path = await next(repository, later);
    expect((await readdir(path)).sort()).toEqual(['.git', '.gitignore', 'later.txt', 'src']);
    await writeFile(join(path, 'later.txt'), 'more\n');
    const captured = await repository.capture(path, later, 'refs/claude-orchestrator/r', 'r', NEVER);
    expect(captured.files).toEqual([{ path: 'later.txt', change: 'modified' }]);
  });

  it('needs no second copy of what was captured', async () => {
    const { scratch, repository, commit, former } = await used(async () => undefined);
    const again = await repository.openWorktree('again', commit, NEVER);
    await writeFile(join(again, 'new.txt'), 'new\n');
    await repository.capture(again, commit, 'refs/claude-orchestrator/r', 'r', NEVER);
    await repository.closeWorktree('again');
    await next(repository, commit);
    expect(await snapshots(scratch)).toBe('');
    expect(await worktrees(scratch)).toBe(1);
    expect((await readdir(join(former, '..'))).filter((name) => !name.startsWith('.'))).toEqual(['next']);
  });

  it('is the one of the same name where that is opened again', async () => {
    const { scratch, repository, commit } = await used(async () => undefined);
    const administration = async (path: string) => scratch.git('-C', path, 'rev-parse', '--absolute-git-dir');
    const first = await next(repository, commit);
    const before = await administration(first);
    await writeFile(join(first, 'left.txt'), 'left\n');
    const again = await next(repository, commit);
    expect(again).toBe(first);
    expect(await administration(again)).toBe(before);
    expect(await stateOf(scratch, again)).toMatchObject({ head: commit, status: '' });
    expect(await scratch.git('show', `${await snapshots(scratch)}:left.txt`)).toBe('left');
    await writeFile(join(again, 'a.txt'), 'changed\n');
    const captured = await repository.capture(again, commit, 'refs/claude-orchestrator/r', 'r', NEVER);
    expect(captured.files).toEqual([{ path: 'a.txt', change: 'modified' }]);
  });

  it('finds a file whose change was hidden by setting its time back', async () => {
    const past = new Date('2020-01-01');
    const { repository, commit } = await used(async (path) => {
      await writeFile(join(path, 'a.txt'), 'b\n');
      await utimes(join(path, 'a.txt'), past, past);
    });
    expect(await readFile(join(await next(repository, commit), 'a.txt'), 'utf8')).toBe('a\n');
  });

  it.each([
    ['its .git is gone', async (path: string) => writeFile(join(path, '.git'), 'gitdir: /elsewhere\n')],
    [
      'submodules were set up in it',
      async (path: string, { git }: ScratchRepository) => {
        await mkdir(join(await git('-C', path, 'rev-parse', '--absolute-git-dir'), 'modules'));
      },
    ],
    [
      'a folder can not be cleaned',
      async (path: string) => {
        await mkdir(join(path, 'ignored', 'cache'), { recursive: true });
        await writeFile(join(path, 'ignored', 'cache', 'x'), 'x');
        await chmod(join(path, 'ignored', 'cache'), 0o500);
      },
    ],
  ] as const)('is replaced by a fresh one when %s', async (_why, work) => {
    const { scratch, repository, commit } = await used(work);
    const path = await next(repository, commit);
    expect(await stateOf(scratch, path)).toMatchObject({ head: commit, status: '' });
    expect(await worktrees(scratch)).toBe(1);
    await repository.closeWorktree('next');
    await repository.releaseWorktrees();
    expect(await worktrees(scratch)).toBe(0);
  });

  it('is not one in which something still runs', async () => {
    const { scratch, repository, commit, former } = await used(async (path) => startIn(path));
    const administration = async (path: string) => scratch.git('-C', path, 'rev-parse', '--absolute-git-dir');
    const before = await administration(former);
    expect(await administration(await next(repository, commit))).not.toBe(before);
  });

  it('is not one that leads elsewhere by a link', async () => {
    const { scratch, repository, commit } = await used(async (path, { git }) => {
      await git('worktree', 'move', path, `${path}-moved`);
      await symlink(`${path}-moved`, path);
    });
    const path = await next(repository, commit);
    expect(await stateOf(scratch, path)).toMatchObject({ head: commit, status: '' });
  });
});
