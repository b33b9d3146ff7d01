import { chmod, lstat, mkdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Repository } from '../../../src/core/ports/repository.ts';
import { NEVER, type ScratchRepository, scratchRepository } from './scratch-repository.ts';

const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 1234\n`;
const LFS_ATTRIBUTES = '*.bin filter=lfs diff=lfs merge=lfs -text\n';
/** What `git lfs install` writes. */
const LFS_CONFIG =
  '[filter "lfs"]\nclean = git-lfs clean -- %f\nsmudge = git-lfs smudge -- %f\nprocess = git-lfs filter-process\nrequired = true\n';

interface Round {
  readonly scratch: ScratchRepository;
  readonly repository: Repository;
  readonly base: string;
}

/** A whole attempt: the work in a worktree, its result. Twice, so that the second one is in a worktree used again. */
async function twice(
  { scratch, repository, base }: Round,
  work: (path: string) => Promise<void>,
): Promise<{ readonly commit: string; readonly changed: readonly string[] }> {
  const results: { commit: string; changed: readonly string[] }[] = [];
  for (const name of ['first', 'second']) {
    const path = await repository.openWorktree(name, base, NEVER);
    await work(path);
    const ref = `refs/claude-orchestrator/attempts/${name}`;
    const { commit, files } = await repository.capture(path, base, ref, name, NEVER);
    results.push({ commit, changed: files.map(({ path: file, change }) => `${change} ${file}`) });
    await repository.closeWorktree(name);
  }
  await repository.releaseWorktrees();
  expect((await scratch.git('worktree', 'list')).split('\n')).toHaveLength(1);
  expect(results[1]?.changed).toEqual(results[0]?.changed);
  return results[1] ?? { commit: '', changed: [] };
}

async function round(scratch: ScratchRepository): Promise<Round> {
  return { scratch, repository: await scratch.open(), base: await scratch.git('rev-parse', 'HEAD') };
}

const change = async (path: string): Promise<void> => writeFile(join(path, 'a.txt'), 'changed\n');

describe('an odd repository', () => {
  it('with LFS pointers keeps them where git-lfs is not installed', async () => {
    const files = { 'a.txt': 'a\n', 'big.bin': POINTER };
    const scratch = await scratchRepository({ files });
    await scratch.write('.gitattributes', LFS_ATTRIBUTES);
    await scratch.commit();
    await writeFile(scratch.environment['GIT_CONFIG_GLOBAL'] ?? '', `[user]\nname = P\nemail = p@x\n${LFS_CONFIG}`);
    const odd = await round(scratch);
    const { commit, changed } = await twice(odd, async (path) => {
      expect(await readFile(join(path, 'big.bin'), 'utf8')).toBe(POINTER);
      await change(path);
      // Touched, not changed.
      await writeFile(join(path, 'big.bin'), POINTER);
    });
    expect(changed).toEqual(['modified a.txt']);
    expect(await scratch.git('show', `${commit}:big.bin`)).toBe(POINTER.trimEnd());
  });

  it('with submodules leaves them as they are, also when a worker fills one', async () => {
    const library = await scratchRepository({ name: 'library' });
    const scratch = await scratchRepository();
    await scratch.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library.root, 'lib');
    await scratch.commit();
    const { changed } = await twice(await round(scratch), async (path) => {
      await change(path);
      await scratch.git('-C', path, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'update', '--init');
      expect(await readFile(join(path, 'lib', 'a.txt'), 'utf8')).toBe('a\n');
    });
    expect(changed).toEqual(['modified a.txt']);
  });

  it('whose person sees a part of it works on the whole of it', async () => {
    const scratch = await scratchRepository({ files: { 'a.txt': 'a\n', 'in/b.txt': 'b\n', 'out/c.txt': 'c\n' } });
    await scratch.git('sparse-checkout', 'set', '--cone', 'in');
    await scratch.git('sparse-checkout', 'reapply', '--sparse-index');
    const { changed } = await twice(await round(scratch), async (path) => {
      await writeFile(join(path, 'out', 'c.txt'), 'changed\n');
      await scratch.git('-C', path, 'sparse-checkout', 'set', 'in');
    });
    expect(changed).toEqual(['modified out/c.txt']);
    expect(await scratch.git('sparse-checkout', 'list')).toBe('in');
  });

  it.each(['true', 'false'])('with names that differ in case alone keeps both, core.ignorecase=%s', async (ignore) => {
    const scratch = await scratchRepository({ files: { 'a.txt': 'a\n', Readme: 'upper\n', readme: 'lower\n' } });
    await scratch.git('config', 'core.ignorecase', ignore);
    const { commit, changed } = await twice(await round(scratch), async (path) => {
      await writeFile(join(path, 'readme'), 'changed\n');
      await mkdir(join(path, 'Folder'));
      await writeFile(join(path, 'Folder', 'x'), 'x\n');
    });
    expect(changed).toEqual(['added Folder/x', 'modified readme']);
    expect(await scratch.git('show', `${commit}:Readme`)).toBe('upper');
  });

  it('with long names and paths keeps them', async () => {
    const name = 'n'.repeat(255);
    const deep = Array.from({ length: 6 }, (_, index) => `${index}${'d'.repeat(60)}`).join('/');
    const files = { 'a.txt': 'a\n', [name]: 'long name\n', [`${deep}/file.txt`]: 'deep\n' };
    const { changed } = await twice(await round(await scratchRepository({ files })), async (path) => {
      await writeFile(join(path, deep, `${'m'.repeat(255)}`), 'new\n');
      await writeFile(join(path, name), 'changed\n');
    });
    expect(changed).toEqual([`added ${deep}/${'m'.repeat(255)}`, `modified ${name}`]);
  });

  it('with a path that is too long for this system says so, and leaves nothing', async () => {
    const scratch = await scratchRepository();
    const blob = await scratch.git('rev-parse', 'HEAD:a.txt');
    const path = Array.from({ length: 20 }, () => 'd'.repeat(250)).join('/');
    await scratch.git('update-index', '--add', '--cacheinfo', `100644,${blob},${path}/file`);
    const base = await scratch.git('commit-tree', '-m', 'long', await scratch.git('write-tree'));
    await scratch.git('read-tree', 'HEAD');
    const repository = await scratch.open();
    const opening = repository.openWorktree('long', base, NEVER);
    await expect(opening).rejects.toMatchObject({
      code: 'git-failed',
      message: expect.stringMatching(/cannot create directory/),
    });
    await repository.releaseWorktrees();
    expect((await scratch.git('worktree', 'list')).split('\n')).toHaveLength(1);
  });

  it('with links and executable files keeps what they are', async () => {
    const scratch = await scratchRepository({ files: { 'a.txt': 'a\n', 'run.sh': '#!/bin/sh\n' } });
    await symlink('a.txt', join(scratch.root, 'link'));
    await symlink('missing/target', join(scratch.root, 'dangling'));
    await chmod(join(scratch.root, 'run.sh'), 0o755);
    await scratch.commit();
    const { commit, changed } = await twice(await round(scratch), async (path) => {
      expect(await readlink(join(path, 'dangling'))).toBe('missing/target');
      expect((await stat(join(path, 'run.sh'))).mode & 0o111).not.toBe(0);
      await chmod(join(path, 'run.sh'), 0o644);
      await symlink('run.sh', join(path, 'new-link'));
    });
    expect(changed).toEqual(['added new-link', 'modified run.sh']);
    expect(await scratch.git('ls-tree', commit, 'link')).toMatch(/^120000 /);
  });

  it('with filters applies them, and changes nothing by them', async () => {
    const scratch = await scratchRepository({ files: { 'a.txt': 'a\n', '.gitattributes': '*.up filter=up\n' } });
    await scratch.git('config', 'filter.up.clean', 'tr A-Z a-z');
    await scratch.git('config', 'filter.up.smudge', 'tr a-z A-Z');
    await scratch.write('x.up', 'TEXT\n');
    await scratch.commit();
    const { commit, changed } = await twice(await round(scratch), async (path) => {
      expect(await readFile(join(path, 'x.up'), 'utf8')).toBe('TEXT\n');
      await writeFile(join(path, 'y.up'), 'NEW\n');
    });
    expect(changed).toEqual(['added y.up']);
    expect(await scratch.git('show', `${commit}:y.up`)).toBe('new');
  });

  it.each([
    ['a filter that never gives back what it took', '*.txt filter=odd\n', 'date +%N'],
    ['line endings that its own rules forbid', '*.txt text eol=lf\n', undefined],
  ])('with %s does not take that for the work of a worker', async (_what, attributes, clean) => {
    const scratch = await scratchRepository({ files: { 'a.txt': 'a\r\nb\r\n', 'b.md': 'b\n' } });
    await scratch.write('.gitattributes', attributes);
    await scratch.git('add', '.gitattributes');
    await scratch.git('commit', '--quiet', '-m', 'rules');
    if (clean) await scratch.git('config', 'filter.odd.clean', `sh -c 'cat >/dev/null; ${clean}'`);
    const { changed } = await twice(await round(scratch), async (path) => writeFile(join(path, 'b.md'), 'changed\n'));
    expect(changed.filter((line) => !line.endsWith(' a.txt'))).toEqual(['modified b.md']);
    if (!clean) expect(changed).toEqual(['modified b.md']);
  });

  it('of a person with other line endings takes only what was changed', async () => {
    const scratch = await scratchRepository({
      files: { 'a.txt': 'a\nb\n', 'crlf.txt': 'a\r\nb\r\n' },
    });
    await scratch.git('config', 'core.autocrlf', 'true');
    await scratch.git('config', 'core.safecrlf', 'true');
    const { commit, changed } = await twice(await round(scratch), async (path) => {
      expect(await readFile(join(path, 'a.txt'), 'utf8')).toBe('a\r\nb\r\n');
      await writeFile(join(path, 'a.txt'), 'a\r\nc\r\n');
    });
    expect(changed).toEqual(['modified a.txt']);
    expect(await scratch.git('cat-file', 'blob', `${commit}:a.txt`)).toBe('a\nc');
  });

  it('with nothing in it, empty folders or repositories of others beside its files is no different', async () => {
    const scratch = await scratchRepository({ files: { '.gitignore': 'x\n' } });
    await mkdir(join(scratch.root, 'empty', 'deeper'), { recursive: true });
    await scratch.git('init', '--quiet', 'theirs');
    const { changed } = await twice(await round(scratch), async (path) => {
      await mkdir(join(path, 'only', 'folders'), { recursive: true });
      await scratch.git('init', '--quiet', join(path, 'mine'));
      await writeFile(join(path, 'mine', 'file'), 'file\n');
    });
    expect(changed).toEqual(['added mine/file']);
    expect((await lstat(join(scratch.root, 'theirs', '.git'))).isDirectory()).toBe(true);
  });

  it('with names that mean something elsewhere keeps them', async () => {
    const names = [
      '-rf',
      ' leading',
      'tab\there',
      'new\nline',
      'quote"\'',
      '*?[x]',
      ':(glob)x',
      'ü\u0308',
      '#x',
      '!y',
      '%TEMP%',
    ];
    const files = Object.fromEntries(names.map((name) => [name, 'old\n']));
    const { changed } = await twice(await round(await scratchRepository({ files })), async (path) => {
      for (const name of names) await writeFile(join(path, name), 'changed\n');
      await writeFile(join(path, 'plain'), 'new\n');
    });
    expect(new Set(changed)).toEqual(new Set([...names.map((name) => `modified ${name}`), 'added plain']));
  });
});
