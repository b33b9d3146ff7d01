import { access, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Repository } from '../../../src/core/ports/repository.ts';
import { NEVER, type ScratchRepository, scratchRepository } from './scratch-repository.ts';

const REF = 'refs/claude-orchestrator/attempts/one';

async function snapshots(scratch: ScratchRepository): Promise<string[]> {
  const out = await scratch.git('for-each-ref', '--format=%(refname)', 'refs/claude-orchestrator/snapshots');
  return out === '' ? [] : out.split('\n');
}

async function remove(repository: Repository, slot: string): Promise<void> {
  await repository.closeWorktree(slot);
  await repository.releaseWorktrees();
}

async function gone(path: string): Promise<boolean> {
  return access(path).then(
    () => false,
    () => true,
  );
}

describe('worktrees', () => {
  it('makes a worktree of a commit and removes it without a trace when nothing was changed', async () => {
    const scratch = await scratchRepository();
    const repository = await scratch.open();
    const { commit } = await repository.head(NEVER);
    const path = await repository.openWorktree('1', commit, NEVER);
    expect(path).toBe(join(scratch.worktreesDir, '1'));
    expect(await readFile(join(path, 'a.txt'), 'utf8')).toBe('a\n');
    await remove(repository, '1');
    expect(await gone(path)).toBe(true);
    expect(await snapshots(scratch)).toEqual([]);
    expect((await scratch.git('worktree', 'list')).split('\n')).toHaveLength(1);
    expect(await readdir(join(scratch.worktreesDir, '.slots'))).toEqual([]);
  });

  it('keeps what was in the slot when it is opened again', async () => {
    const scratch = await scratchRepository();
    const repository = await scratch.open();
    const { commit } = await repository.head(NEVER);
    const path = await repository.openWorktree('1', commit, NEVER);
    await writeFile(join(path, 'a.txt'), 'b\n');
    await writeFile(join(path, 'new.txt'), 'new\n');
    await repository.openWorktree('1', commit, NEVER);
    expect(await readFile(join(path, 'a.txt'), 'utf8')).toBe('a\n');
    const [ref] = await snapshots(scratch);
    expect(ref).toMatch(/^refs\/claude-orchestrator\/snapshots\/1\//);
    expect(await scratch.git('show', `${ref}:a.txt`)).toBe('b');
    expect(await scratch.git('show', `${ref}:new.txt`)).toBe('new');
  });

  it('keeps commits the worker made on a HEAD without a branch', async () => {
    const scratch = await scratchRepository();
    const repository = await scratch.open();
    const { commit } = await repository.head(NEVER);
    const path = await repository.openWorktree('1', commit, NEVER);
    await writeFile(join(path, 'a.txt'), 'in between\n');
    await scratch.git('-C', path, 'commit', '--quiet', '-am', 'own');
    const own = await scratch.git('-C', path, 'rev-parse', 'HEAD');
    await scratch.git('-C', path, 'rm', '--quiet', 'a.txt');
    await remove(repository, '1');
    const [ref = ''] = await snapshots(scratch);
    expect(await scratch.git('rev-parse', `${ref}^`)).toBe(own);
    expect(await scratch.git('ls-tree', '-r', '--name-only', ref)).toBe('');
  });

  it('takes no second copy of what a ref already has', async () => {
    const scratch = await scratchRepository();
    const repository = await scratch.open();
    const { commit } = await repository.head(NEVER);
    const path = await repository.openWorktree('1', commit, NEVER);
    await writeFile(join(path, 'a.txt'), 'b\n');
    await repository.capture(path, commit, REF, 'one', NEVER);
    await remove(repository, '1');
    expect(await snapshots(scratch)).toEqual([]);

    await repository.openWorktree('1', commit, NEVER);
    await writeFile(join(path, 'a.txt'), 'b\n');
    await repository.capture(path, commit, REF, 'one', NEVER);
    await scratch.git('update-ref', '-d', REF);
    await remove(repository, '1');
    expect(await snapshots(scratch)).toHaveLength(1);
  });

  it('removes a worktree whose .git is gone, after a snapshot', async () => {
    const scratch = await scratchRepository();
    const repository = await scratch.open();
    const { commit } = await repository.head(NEVER);
    const path = await repository.openWorktree('1', commit, NEVER);
    await rm(join(path, '.git'));
    await writeFile(join(path, 'kept.txt'), 'kept\n');
    await scratch.git('worktree', 'prune');
    await remove(repository, '1');
    expect(await gone(path)).toBe(true);
    const [ref] = await snapshots(scratch);
    expect(await scratch.git('show', `${ref}:kept.txt`)).toBe('kept');
  });

  it('removes what is left of a worktree whose folder is gone, and leaves stale entries of others alone', async () => {
    const scratch = await scratchRepository();
    const repository = await scratch.open();
    const { commit } = await repository.head(NEVER);
    await scratch.git('worktree', 'add', '--quiet', '../on-a-removable-disk');
    await rm(join(scratch.root, '..', 'on-a-removable-disk'), { recursive: true });
    await rm(await repository.openWorktree('1', commit, NEVER), { recursive: true });
    await remove(repository, '1');
    await remove(repository, 'never-opened');
    const listed = await scratch.git('worktree', 'list', '--porcelain');
    expect(listed).not.toContain(scratch.worktreesDir);
    expect(listed).toContain('on-a-removable-disk');
  });

  it('removes a locked worktree', async () => {
    const scratch = await scratchRepository();
    const repository = await scratch.open();
    const { commit } = await repository.head(NEVER);
    const path = await repository.openWorktree('1', commit, NEVER);
    await scratch.git('worktree', 'lock', path);
    await remove(repository, '1');
    expect(await scratch.git('worktree', 'list')).not.toContain(path);
  });

  it('snapshots a folder in the slot that is no worktree at all', async () => {
    const scratch = await scratchRepository();
    const repository = await scratch.open();
    const { commit } = await repository.head(NEVER);
    await mkdir(join(scratch.worktreesDir, '1'));
    await writeFile(join(scratch.worktreesDir, '1', 'found.txt'), 'found\n');
    await repository.openWorktree('1', commit, NEVER);
    const [ref] = await snapshots(scratch);
    expect(await scratch.git('show', `${ref}:found.txt`)).toBe('found');
  });

  it('opens after one that was interrupted half way', async () => {
    const scratch = await scratchRepository();
    const repository = await scratch.open();
    const { commit } = await repository.head(NEVER);
    const stop = new AbortController();
    const opening = repository.openWorktree('1', commit, stop.signal);
    stop.abort();
    await expect(opening).rejects.toMatchObject({ code: 'cancelled' });
    const path = await repository.openWorktree('1', commit, NEVER);
    expect(await readFile(join(path, 'a.txt'), 'utf8')).toBe('a\n');
    expect(await snapshots(scratch)).toEqual([]);
  });

  it('opens and closes several at once, from two windows', async () => {
    const scratch = await scratchRepository();
    const repository = await scratch.open();
    const other = await scratch.open();
    const { commit } = await repository.head(NEVER);
    const slots = Array.from({ length: 8 }, (_, index) => ({
      slot: `slot-${index}`,
      window: index % 2 ? other : repository,
    }));
    const paths = await Promise.all(slots.map(({ slot, window }) => window.openWorktree(slot, commit, NEVER)));
    for (const path of paths) expect(await readFile(join(path, 'a.txt'), 'utf8')).toBe('a\n');
    await Promise.all(slots.map(({ slot, window }) => remove(window, slot)));
    expect((await scratch.git('worktree', 'list')).split('\n')).toHaveLength(1);
  });

  it('has all files although the person sees only a part of the repository', async () => {
    const scratch = await scratchRepository({ files: { 'in/a.txt': 'a\n', 'out/b.txt': 'b\n' } });
    await scratch.git('sparse-checkout', 'set', 'in');
    const repository = await scratch.open();
    const { commit } = await repository.head(NEVER);
    const path = await repository.openWorktree('1', commit, NEVER);
    expect(await readFile(join(path, 'out', 'b.txt'), 'utf8')).toBe('b\n');
    await writeFile(join(path, 'out', 'c.txt'), 'c\n');
    const captured = await repository.capture(path, commit, REF, 'one', NEVER);
    expect(captured.files).toEqual([{ path: 'out/c.txt', change: 'added' }]);
    expect(await gone(join(scratch.root, 'out'))).toBe(true);
  });

  it('refuses a slot name that leads elsewhere', async () => {
    const repository = await (await scratchRepository()).open();
    const { commit } = await repository.head(NEVER);
    for (const slot of ['../x', '', '.slots', 'a/b', 'x.lock', 'a..b']) {
      await expect(repository.openWorktree(slot, commit, NEVER)).rejects.toMatchObject({ code: 'wrong-use' });
    }
  });
});
