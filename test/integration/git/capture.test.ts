import { chmod, lstat, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Bench, REF, worktree } from './captured-worktree.ts';
import { NEVER, scratchRepository } from './scratch-repository.ts';

describe('capture', () => {
  it('makes one commit on the base, kept by the ref, and leaves the worktree as it was', async () => {
    const { scratch, repository, base, git, write, capture } = await worktree();
    await write('new.txt', 'new\n');
    const before = await git('status', '--porcelain');
    const captured = await capture();
    expect(captured.files).toEqual([{ path: 'new.txt', change: 'added' }]);
    expect(await repository.readRef(REF, NEVER)).toBe(captured.commit);
    expect(await scratch.git('rev-list', '--parents', '-1', captured.commit)).toBe(`${captured.commit} ${base}`);
    expect(await repository.treeOf(captured.commit, NEVER)).toBe(captured.tree);
    expect(await scratch.git('log', '-1', '--format=%an <%ae> %cn: %s', captured.commit)).toBe(
      'Claude Orchestrator <claude-orchestrator@localhost> Claude Orchestrator: captured',
    );
    expect(await git('status', '--porcelain')).toBe(before);
  });

  it('holds all that the worktree began with where that is more than the base, touched or not', async () => {
    const { scratch, repository, base, write, capture } = await worktree({ files: { 'a.txt': 'a\n', 'b.txt': 'b\n' } });
    await write('a.txt', 'changed\n');
    await write('new.txt', 'new\n');
    const start = await capture();
    const path = await repository.openWorktree('2', start.commit, NEVER);
    await writeFile(join(path, 'b.txt'), 'touched\n');
    const { tree, files } = await repository.capture(path, base, `${REF}-2`, 'captured', NEVER);
    expect(files.map((file) => file.path)).toEqual(['a.txt', 'b.txt', 'new.txt']);
    expect(await scratch.git('show', `${tree}:a.txt`)).toBe('changed');
  });

  it('lists added, modified, deleted and renamed files', async () => {
    const files = {
      'change.txt': '1\n',
      'delete.txt': '2\n',
      'old name.txt': '3\n',
      'becomes/a/file': '4\n',
      dir: '5\n',
    };
    const { path, write, capture } = await worktree({ files });
    await write('change.txt', 'changed\n');
    await rm(join(path, 'delete.txt'));
    await rename(join(path, 'old name.txt'), join(path, 'new name.txt'));
    await rm(join(path, 'becomes'), { recursive: true });
    await write('becomes', 'a file\n');
    await rm(join(path, 'dir'));
    await write('dir/inside', 'a folder\n');
    await mkdir(join(path, 'empty folder'));
    expect((await capture()).files).toEqual([
      { path: 'becomes', change: 'added' },
      { path: 'becomes/a/file', change: 'deleted' },
      { path: 'change.txt', change: 'modified' },
      { path: 'delete.txt', change: 'deleted' },
      { path: 'dir', change: 'deleted' },
      { path: 'dir/inside', change: 'added' },
      { path: 'new name.txt', change: 'added' },
      { path: 'old name.txt', change: 'deleted' },
    ]);
  });

  it('captures an unchanged worktree as the tree of its base', async () => {
    const { repository, base, capture } = await worktree();
    const captured = await capture();
    expect(captured.files).toEqual([]);
    expect(captured.tree).toBe(await repository.treeOf(base, NEVER));
  });

  it('sees a change of the same size in the same instant as the checkout', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { write, capture } = await worktree();
      await write('a.txt', 'b\n');
      expect((await capture()).files).toEqual([{ path: 'a.txt', change: 'modified' }]);
    }
  });

  it('keeps strange names, bytes, the executable bit and symbolic links', async () => {
    const { scratch, repository, path, write, capture } = await worktree();
    const names = [
      'with space',
      'quote"\'s',
      'line\nend',
      'tab\there',
      'ünïcode-日本',
      '-dash',
      ':(glob)**',
      '*',
      'back\\slash',
    ];
    for (const name of names) await write(name, `${name}!`);
    const binary = Uint8Array.from({ length: 1024 }, (_, index) => index % 256);
    await write('binary', binary);
    await write('run.sh', '#!/bin/sh\n');
    await chmod(join(path, 'run.sh'), 0o755);
    await symlink('a.txt', join(path, 'link'));
    await symlink('/outside', join(path, 'outside'));
    const { commit, files } = await capture();
    expect(files.map((file) => file.path).sort()).toEqual([...names, 'binary', 'run.sh', 'link', 'outside'].sort());

    const read = await repository.readFiles(commit, [...names, 'binary', 'link', 'missing', '../out', '/etc/x'], NEVER);
    expect([...read.keys()].sort()).toEqual([...names, 'binary'].sort());
    for (const name of names) expect(Buffer.from(read.get(name) ?? []).toString()).toBe(`${name}!`);
    expect(Buffer.from(read.get('binary') ?? []).equals(binary)).toBe(true);

    const again = await repository.openWorktree('2', commit, NEVER);
    expect((await lstat(join(again, 'run.sh'))).mode & 0o111).toBe(0o111);
    expect((await lstat(join(again, 'link'))).isSymbolicLink()).toBe(true);
    expect(await scratch.git('status', '--porcelain')).toBe('');
  });

  it('leaves ignored files out, but keeps tracked files that an ignore rule matches', async () => {
    const scratch = await scratchRepository({ files: { 'a.log': 'tracked\n' } });
    await scratch.write('.gitignore', '*.log\nbuild/\n');
    await scratch.commit();
    const repository = await scratch.open();
    const { commit: base } = await repository.head(NEVER);
    const path = await repository.openWorktree('1', base, NEVER);
    await writeFile(join(path, 'a.log'), 'changed\n');
    await writeFile(join(path, 'b.log'), 'ignored\n');
    await mkdir(join(path, 'build'));
    await writeFile(join(path, 'build', 'out'), 'ignored\n');
    const { files } = await repository.capture(path, base, REF, 'one', NEVER);
    expect(files).toEqual([{ path: 'a.log', change: 'modified' }]);
  });

  it.each<[string, (bench: Bench) => Promise<unknown>]>([
    ['committed', async ({ git }) => [await git('add', '-A'), await git('commit', '-qm', 'own')]],
    ['staged only', ({ git }) => git('add', '-A')],
    ['switched to a branch of its own', async ({ git }) => [await git('switch', '-qc', 'own'), await git('add', '-A')]],
    [
      'left HEAD without a commit',
      ({ git }) =>
        git('switch', '-q', '--orphan', 'none', '--discard-changes').catch(() =>
          git('checkout', '-q', '--orphan', 'none'),
        ),
    ],
    ['hid the file from git', ({ git }) => git('update-index', '--assume-unchanged', 'a.txt')],
    ['skipped the file', ({ git }) => git('update-index', '--skip-worktree', 'a.txt')],
    ['deleted .git', ({ path }) => rm(join(path, '.git'))],
    [
      'pruned the worktree',
      async ({ path, scratch }) => [await rm(join(path, '.git')), await scratch.git('worktree', 'prune')],
    ],
    [
      'made a repository of its own',
      async ({ path, git }) => [
        await rm(join(path, '.git')),
        await git('init', '-q'),
        await git('add', '-A'),
        await git('commit', '-qm', 'own'),
      ],
    ],
    ['left a lock behind', async ({ scratch }) => writeFile(join(scratch.root, '.git/worktrees/1/index.lock'), '')],
    ['left a damaged index', async ({ scratch }) => writeFile(join(scratch.root, '.git/worktrees/1/index'), 'damaged')],
  ])('captures the same files when the worker has %s', async (_, misuse) => {
    const bench = await worktree({ files: { 'a.txt': 'a\n', 'same.txt': 'same\n' } });
    await bench.write('same.txt', 'draft\n');
    await misuse(bench);
    await bench.write('a.txt', 'changed\n');
    await bench.write('same.txt', 'same\n');
    await bench.write('new.txt', 'new\n');
    const { files, commit } = await bench.capture();
    expect(files).toEqual([
      { path: 'a.txt', change: 'modified' },
      { path: 'new.txt', change: 'added' },
    ]);
    expect(await bench.scratch.git('rev-parse', `${commit}^`)).toBe(bench.base);
    await bench.repository.closeWorktree('1');
  });

  it('captures on another base than the one the worktree was made of', async () => {
    const { scratch, repository, base, path, write } = await worktree();
    await scratch.write('later.txt', 'later\n');
    const later = await scratch.commit();
    await write('new.txt', 'new\n');
    expect((await repository.capture(path, later, REF, 'one', NEVER)).files).toEqual([
      { path: 'later.txt', change: 'deleted' },
      { path: 'new.txt', change: 'added' },
    ]);
    expect((await repository.capture(path, base, REF, 'one', NEVER)).files).toHaveLength(1);
  });

  it('works when several are captured at once', async () => {
    const scratch = await scratchRepository();
    const repository = await scratch.open();
    const { commit: base } = await repository.head(NEVER);
    const captured = await Promise.all(
      Array.from({ length: 6 }, async (_, index) => {
        const path = await repository.openWorktree(`s${index}`, base, NEVER);
        await writeFile(join(path, `${index}.txt`), `${index}\n`);
        return repository.capture(path, base, `${REF}/${index}`, 'one', NEVER);
      }),
    );
    expect(captured.map(({ files }) => files[0]?.path)).toEqual([0, 1, 2, 3, 4, 5].map((index) => `${index}.txt`));
  });

  it('keeps line endings rules of the person from stopping it', async () => {
    const { write, capture } = await worktree({ globalConfig: '[core]\nautocrlf = input\nsafecrlf = true\n' });
    await write('windows.txt', 'a\r\nb\r\n');
    expect((await capture()).files).toHaveLength(1);
  });
});
