import { chmod, lstat, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRepository } from '../../../src/node/git/repository.ts';
import { everything, FILES, resultOfRun, write } from './result-of-run.ts';
import { NEVER, type ScratchRepository, scratchRepository } from './scratch-repository.ts';

describe('applying', () => {
  it('brings files, index and branch to the result: links, modes, deletions and binary files too', async () => {
    const { scratch, repository, ready } = await resultOfRun(
      async (path) => {
        await write('dir with space/"new".txt', 'new\n')(path);
        await writeFile(join(path, 'run.sh'), '#!/bin/sh\n');
        await chmod(join(path, 'run.sh'), 0o755);
        await symlink('a.txt', join(path, 'link'));
        await writeFile(join(path, 'binary'), Uint8Array.of(0, 255, 13, 10, 0));
        await rm(join(path, 'b.txt'));
      },
      { files: FILES },
    );
    const plan = await ready();
    await repository.apply(plan, NEVER);
    expect(await scratch.git('rev-parse', 'main')).toBe(plan.to);
    expect(await scratch.git('status', '--porcelain')).toBe('');
    expect(await scratch.read('dir with space/"new".txt')).toBe('new\n');
    expect((await lstat(join(scratch.root, 'run.sh'))).mode & 0o111).toBe(0o111);
    expect((await lstat(join(scratch.root, 'link'))).isSymbolicLink()).toBe(true);
    expect([...(await readFile(join(scratch.root, 'binary')))]).toEqual([0, 255, 13, 10, 0]);
    await expect(lstat(join(scratch.root, 'b.txt'))).rejects.toMatchObject({ code: 'ENOENT' });

    await repository.apply(plan, NEVER);
    await scratch.git('reset', '--quiet', '--keep', 'ORIG_HEAD');
    expect(await scratch.git('rev-parse', 'main')).toBe(plan.from);
  });

  it('replaces a file by a folder and a folder by a file', async () => {
    const { scratch, repository, ready } = await resultOfRun(
      async (path) => {
        await rm(join(path, 'file'));
        await write('file/inside', '1\n')(path);
        await rm(join(path, 'folder'), { recursive: true });
        await write('folder', '2\n')(path);
      },
      { files: { file: 'f\n', 'folder/x': 'x\n' } },
    );
    await repository.apply(await ready(), NEVER);
    expect(await scratch.git('ls-tree', '-r', '--name-only', 'HEAD')).toBe('file/inside\nfolder');
    expect(await scratch.git('status', '--porcelain')).toBe('');
  });

  it('leaves uncommitted work elsewhere byte for byte, and staged what is staged', async () => {
    const { scratch, repository, ready } = await resultOfRun(write('new.txt', 'new\n'), { files: FILES });
    await scratch.write('a.txt', 'staged\n');
    await scratch.git('add', 'a.txt');
    await scratch.write('a.txt', 'staged and more\r\n');
    await scratch.write('b.txt', 'not staged\n');
    await scratch.write('untracked.txt', 'untracked\n');
    await repository.apply(await ready(), NEVER);
    expect((await scratch.git('status', '--porcelain')).trim()).toBe('MM a.txt\n M b.txt\n?? untracked.txt');
    expect(await scratch.git('show', ':a.txt')).toBe('staged');
    expect(await scratch.read('a.txt')).toBe('staged and more\r\n');
    expect(await scratch.read('b.txt')).toBe('not staged\n');
    expect(await scratch.read('new.txt')).toBe('new\n');
    expect(await repository.dirtyPaths(NEVER)).toEqual(['a.txt', 'b.txt', 'untracked.txt']);
  });

  it.each<[string, (scratch: ScratchRepository) => Promise<unknown>]>([
    ['a file was modified', (s) => s.write('a.txt', 'person\n')],
    ['a file was staged', async (s) => [await s.write('a.txt', 'person\n'), await s.git('add', 'a.txt')]],
    ['an untracked file has come', (s) => s.write('new.txt', 'person\n')],
    [
      'an ignored file has come',
      async (s) => [await s.write('.git/info/exclude', '*.txt\n'), await s.write('new.txt', 'p\n')],
    ],
    ['the branch has moved', async (s) => [await s.write('c.txt', 'person\n'), await s.commit()]],
    ['another branch is checked out', (s) => s.git('checkout', '--quiet', '-b', 'other')],
    ['the index is locked', (s) => s.write('.git/index.lock', '')],
  ])('changes nothing when since the plan %s', async (_, meanwhile) => {
    const { scratch, repository, ready } = await resultOfRun(
      async (path) => [
        await write('a.txt', 'run\n')(path),
        await write('b.txt', 'run\n')(path),
        await write('new.txt', 'run\n')(path),
      ],
      { files: FILES },
    );
    const plan = await ready();
    await meanwhile(scratch);
    const before = await everything(scratch);
    await expect(repository.apply(plan, NEVER)).rejects.toMatchObject({ code: 'apply-blocked' });
    expect(await everything(scratch)).toEqual(before);
  });

  it('works in a linked worktree of a bare repository', async () => {
    const scratch = await scratchRepository({ files: FILES });
    await scratch.git('clone', '--quiet', '--bare', '.', '../bare.git');
    await scratch.git('-C', '../bare.git', 'worktree', 'add', '--quiet', '../linked', 'main');
    const { environment, worktreesDir } = scratch;
    const linked = join(scratch.root, '..', 'linked');
    const repository = await openRepository(linked, { environment, worktreesDir, signal: NEVER });
    const { commit: base } = await repository.head(NEVER);
    const path = await repository.slots.make('1', base, NEVER);
    await writeFile(join(path, 'new.txt'), 'new\n');
    const { commit } = await repository.capture(path, base, 'refs/claude-orchestrator/r', 'r', NEVER);
    const plan = await repository.planApply(commit, base, 'Add it', NEVER);
    if (!plan.ok) throw new Error(plan.message);
    await repository.apply(plan, NEVER);
    expect(await readFile(join(linked, 'new.txt'), 'utf8')).toBe('new\n');
  });
});

describe('the settings of the person', () => {
  it('make no difference: hooks never run, nothing is signed, no option of theirs changes a merge', async () => {
    const globalConfig = [
      '[commit]\ngpgSign = true\n[gpg]\nprogram = /bin/false\n[core]\nsafecrlf = true\nuntrackedCache = true\n',
      '[merge]\nff = false\nautoStash = true\nverifySignatures = true\n[submodule]\nrecurse = true\n',
      '[diff]\nrenames = copies\nnoprefix = true\n[status]\nshowUntrackedFiles = no\nshort = true\n',
      '[add]\nignoreErrors = true\n[feature]\nmanyFiles = true\n[core]\nsplitIndex = true\n[color]\nui = always\n',
      '[branch "main"]\nmergeOptions = --squash --no-commit\n[i18n]\ncommitEncoding = ISO-8859-1\n',
    ].join('');
    const scratch = await scratchRepository({ files: FILES, globalConfig });
    await scratch.trapHooks();
    await scratch.git('config', '--global', 'core.hooksPath', join(scratch.root, '.git', 'hooks'));
    await scratch.git('config', 'core.fsmonitor', join(scratch.root, '.git', 'hooks', 'fsmonitor-watchman'));
    await rm(join(scratch.root, '..', 'canary'), { force: true });

    const repository = await scratch.open();
    const { commit: base } = await repository.head(NEVER);
    const path = await repository.openWorktree('1', base, NEVER);
    await writeFile(join(path, 'new.txt'), 'new\r\n');
    const one = await repository.capture(path, base, 'refs/claude-orchestrator/1', 'één', NEVER);
    await repository.openWorktree('1', base, NEVER);
    await rm(join(path, 'b.txt'));
    const two = await repository.capture(path, base, 'refs/claude-orchestrator/2', 'two', NEVER);
    const merged = await repository.merge(one.commit, two.commit, 'join', NEVER);
    if (!merged.ok) throw new Error('conflict');
    const plan = await repository.planApply(merged.commit, base, 'Ünï', NEVER);
    if (!plan.ok) throw new Error(plan.message);
    await repository.apply(plan, NEVER);
    await repository.closeWorktree('1');
    expect(await scratch.canary()).toBe(false);
    expect(await scratch.git('log', '-1', '--no-color', '--encoding=UTF-8', '--format=%H %G? %s')).toContain(
      `${plan.to} N Ünï`,
    );
    expect(await repository.dirtyPaths(NEVER)).toEqual([]);
  });
});
