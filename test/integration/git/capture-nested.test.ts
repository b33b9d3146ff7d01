import { lstat, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REF, worktree } from './captured-worktree.ts';
import { NEVER, scratchRepository } from './scratch-repository.ts';

describe('capture, with repositories inside', () => {
  it('captures the files of nested repositories instead of links to them', async () => {
    const { scratch, path, git, write, capture } = await worktree({
      files: { 'pkg/tracked.txt': '1\n', '.gitignore': '*.log\n' },
    });
    await write(':(glob)/file.log', 'ignored\n');
    await git('init', '-q', ':(glob)');
    await write('fresh/file.txt', 'in a repository without commits\n');
    await write('fresh/outer.log', 'ignored by the outer rules\n');
    await git('init', '-q', 'fresh');
    await write('full/file.txt', 'in a repository with a commit\n');
    await write('full/.gitignore', 'secret\n');
    await write('full/secret', 'ignored\n');
    await git('init', '-q', 'full');
    await scratch.git('-C', join(path, 'full'), 'add', '-A');
    await scratch.git('-C', join(path, 'full'), 'commit', '-qm', 'own');
    await write('full/deeper/inner/file.txt', 'two levels down\n');
    await git('init', '-q', 'full/deeper/inner');
    await git('init', '-q', 'pkg');
    await write('pkg/untracked.txt', '2\n');
    const { files } = await capture();
    expect(files.map((file) => file.path)).toEqual([
      'fresh/file.txt',
      'full/.gitignore',
      'full/deeper/inner/file.txt',
      'full/file.txt',
      'pkg/untracked.txt',
    ]);
  });

  it('does not run what a nested repository configures', async () => {
    const { path, git, write, capture } = await worktree();
    await git('init', '-q', 'evil');
    await write('evil/.gitattributes', '* filter=evil\n');
    await write('evil/file', 'content\n');
    const canary = join(path, '..', 'ran');
    await writeFile(
      join(path, 'evil/.git/config'),
      `[filter "evil"]\nclean = touch '${canary}'; cat\n[core]\nfsmonitor = touch '${canary}'\n`,
    );
    await capture();
    await expect(lstat(canary)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('says so when a tracked file was replaced by a repository', async () => {
    const { scratch, path, git, write, capture } = await worktree();
    await rm(join(path, 'a.txt'));
    await write('a.txt/file', 'x\n');
    await git('init', '-q', 'a.txt');
    await scratch.git('-C', join(path, 'a.txt'), 'add', '-A');
    await scratch.git('-C', join(path, 'a.txt'), 'commit', '-qm', 'own');
    await expect(capture()).rejects.toMatchObject({ code: 'git-failed', fix: expect.stringContaining('"a.txt"') });
  });

  it('leaves a submodule that nobody touched as it was', async () => {
    const scratch = await scratchRepository();
    const library = await scratchRepository();
    await scratch.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library.root, 'lib');
    const base = await scratch.commit();
    const repository = await scratch.open();
    const path = await repository.openWorktree('1', base, NEVER);
    await writeFile(join(path, 'new.txt'), 'new\n');
    expect((await repository.capture(path, base, REF, 'one', NEVER)).files).toEqual([
      { path: 'new.txt', change: 'added' },
    ]);
    expect([...(await repository.readFiles(base, ['lib', 'a.txt'], NEVER)).keys()]).toEqual(['a.txt']);
  });
});
