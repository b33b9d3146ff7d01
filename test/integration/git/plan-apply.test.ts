import { rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { everything, FILES, resultOfRun, write } from './result-of-run.ts';
import { NEVER, type ScratchRepository } from './scratch-repository.ts';

describe('planning to apply', () => {
  it('makes one commit by the person on top of the branch', async () => {
    const { scratch, repository, base, result, ready } = await resultOfRun(write('new.txt', 'new\n'), { files: FILES });
    const plan = await ready();
    expect(plan).toMatchObject({ branch: 'main', from: base, files: [{ path: 'new.txt', change: 'added' }] });
    expect(await repository.treeOf(plan.to, NEVER)).toBe(await repository.treeOf(result, NEVER));
    expect(await scratch.git('log', '-1', '--format=%P|%an|%ae|%cn|%B', plan.to)).toBe(
      `${base}|The Person|person@example.org|The Person|Add it`,
    );
    expect(await scratch.git('status', '--porcelain')).toBe('');
  });

  it('is by the orchestrator when the person has no identity', async () => {
    const { scratch, ready } = await resultOfRun(write('new.txt', 'new\n'));
    await scratch.git('config', 'user.email', '');
    const { to } = await ready();
    expect(await scratch.git('log', '-1', '--format=%an', to)).toBe('Claude Orchestrator');
  });

  it('adds to what the branch has got since', async () => {
    const { scratch, repository, ready } = await resultOfRun(write('c.txt', '1\n2\n3\n4\n5\n6\n7\n8\nnine\n'), {
      files: FILES,
    });
    await scratch.write('c.txt', 'one\n2\n3\n4\n5\n6\n7\n8\n9\n');
    const tip = await scratch.commit();
    const plan = await ready();
    expect(plan).toMatchObject({ from: tip, files: [{ path: 'c.txt', change: 'modified' }] });
    await repository.apply(plan, NEVER);
    expect(await scratch.read('c.txt')).toBe('one\n2\n3\n4\n5\n6\n7\n8\nnine\n');
    expect(await scratch.git('rev-list', '--parents', '-1', 'HEAD')).toBe(`${plan.to} ${tip}`);
  });

  it('adds only its own changes when the branch was rewritten', async () => {
    const { scratch, repository, ready } = await resultOfRun(write('new.txt', 'new\n'), { files: FILES });
    await scratch.write('b.txt', 'amended\n');
    await scratch.git('commit', '--quiet', '-a', '--amend', '-m', 'rewritten');
    const plan = await ready();
    await repository.apply(plan, NEVER);
    expect(await scratch.git('show', '--name-only', '--format=', 'HEAD')).toBe('new.txt');
    expect(await scratch.read('b.txt')).toBe('amended\n');
  });

  it('says which paths are in conflict', async () => {
    const { scratch, plan } = await resultOfRun(write('a.txt', 'theirs\n'));
    await scratch.write('a.txt', 'ours\n');
    await scratch.commit();
    expect(await plan()).toMatchObject({ ok: false, reason: 'conflicts', paths: ['a.txt'] });
  });

  it('says that no branch is checked out', async () => {
    const { scratch, plan } = await resultOfRun(write('new.txt', 'new\n'));
    await scratch.git('checkout', '--quiet', '--detach');
    expect(await plan()).toMatchObject({ ok: false, reason: 'detached' });
  });

  it('says that there is nothing to do', async () => {
    const { scratch, plan } = await resultOfRun(write('new.txt', 'new\n'));
    await scratch.write('new.txt', 'new\n');
    await scratch.commit();
    expect(await plan()).toMatchObject({ ok: false, reason: 'nothing', paths: [] });
  });

  it('says that a merge is in progress', async () => {
    const { scratch, plan } = await resultOfRun(write('new.txt', 'new\n'), { files: FILES });
    await scratch.git('checkout', '--quiet', '-b', 'side');
    await scratch.write('a.txt', 'side\n');
    await scratch.commit();
    await scratch.git('checkout', '--quiet', 'main');
    await scratch.write('a.txt', 'main\n');
    await scratch.commit();
    await scratch.git('merge', 'side').catch(() => {});
    expect(await plan()).toMatchObject({ ok: false, reason: 'in-the-way', paths: ['a.txt'] });
    await scratch.git('checkout', '--ours', 'a.txt');
    await scratch.git('add', 'a.txt');
    expect(await plan()).toMatchObject({ ok: false, reason: 'in-the-way', message: expect.stringContaining('merge') });
  });

  it.each<[string, (path: string) => Promise<unknown>, (scratch: ScratchRepository) => Promise<unknown>, string[]]>([
    ['a modified file', write('a.txt', 'run\n'), (s) => s.write('a.txt', 'person\n'), ['a.txt']],
    [
      'a staged file',
      write('a.txt', 'run\n'),
      async (s) => [await s.write('a.txt', 'p\n'), await s.git('add', 'a.txt')],
      ['a.txt'],
    ],
    ['a deleted file', write('a.txt', 'run\n'), (s) => rm(join(s.root, 'a.txt')), ['a.txt']],
    [
      'a modified file that is to be deleted',
      (p) => rm(join(p, 'a.txt')),
      (s) => s.write('a.txt', 'person\n'),
      ['a.txt'],
    ],
    ['an untracked file', write('new.txt', 'run\n'), (s) => s.write('new.txt', 'person\n'), ['new.txt']],
    [
      'an ignored file',
      write('new.log', 'run\n'),
      async (s) => [await s.write('.git/info/exclude', '*.log\n'), await s.write('new.log', 'person\n')],
      ['new.log'],
    ],
    [
      'an untracked file where a folder is needed',
      write('dir/in/file', 'run\n'),
      (s) => s.write('dir', 'person\n'),
      ['dir'],
    ],
    [
      'an untracked link where a folder is needed',
      write('dir/file', 'run\n'),
      (s) => symlink('/tmp', join(s.root, 'dir')),
      ['dir'],
    ],
    [
      'a folder where a file is needed',
      write('name', 'run\n'),
      async (s) => [await s.write('name/x', '1'), await s.write('name/y z', '2')],
      ['name/x', 'name/y z'],
    ],
    [
      'a file hidden from git',
      write('a.txt', 'run\n'),
      async (s) => [await s.git('update-index', '--assume-unchanged', 'a.txt'), await s.write('a.txt', 'person\n')],
      ['a.txt'],
    ],
    ['an odd name', write('odd "name"\nü', 'run\n'), (s) => s.write('odd "name"\nü', 'person\n'), ['odd "name"\nü']],
  ])('lists %s that would be overwritten, and changes nothing', async (_, change, inTheWay, paths) => {
    const { scratch, plan } = await resultOfRun(change, { files: FILES });
    await inTheWay(scratch);
    const before = await everything(scratch);
    expect(await plan()).toMatchObject({ ok: false, reason: 'in-the-way', paths });
    expect(await everything(scratch)).toEqual(before);
  });
});
