import { chmod, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NEVER, scratchRepository } from './scratch-repository.ts';

const BEFORE = {
  a: 'a\n',
  'a.b': 'a.b\n',
  a0: 'a0\n',
  'file-to-folder': 'x\n',
  'folder-to-file/deep/x': 'x\n',
  'folder/kept': 'kept\n',
  'folder/changed': 'old\n',
  'gone/one': '1\n',
  'gone/two/three': '3\n',
  'mode.sh': '#!/bin/sh\n',
  'naïve/ü é.txt': 'old\n',
  ':(top)odd *?[x] name': 'old\n',
  link: 'file\n',
};

/** What git itself says about two commits, in the form of the port. */
async function gitSays(git: (...args: readonly string[]) => Promise<string>, from: string, to: string) {
  const fields = (await git('diff-tree', '-r', '-z', '--no-renames', '--name-status', from, to)).split('\0');
  const named: Readonly<Record<string, string>> = { A: 'added', D: 'deleted' };
  const found: { path: string; change: string }[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2)
    found.push({ path: fields[at + 1] ?? '', change: named[fields[at] ?? ''] ?? 'modified' });
  return found;
}

describe('trees', () => {
  it('differ as git says, in its order, both ways', async () => {
    const scratch = await scratchRepository({ files: BEFORE });
    const { git, root, write } = scratch;
    const before = await git('rev-parse', 'HEAD');
    for (const path of ['file-to-folder', 'folder-to-file', 'gone', 'link'])
      await rm(join(root, path), { recursive: true });
    await write('file-to-folder/x', 'x\n');
    await write('folder-to-file', 'x\n');
    await write('a/b', 'b\n').catch(() => undefined);
    await rm(join(root, 'a'));
    await write('a/b', 'b\n');
    await write('folder/changed', 'new\n');
    await write('naïve/ü é.txt', 'new\n');
    await write(':(top)odd *?[x] name', 'new\n');
    await chmod(join(root, 'mode.sh'), 0o755);
    await symlink('a0', join(root, 'link'));
    const after = await scratch.commit();
    const repository = await scratch.open();
    const expected = await gitSays(git, before, after);
    expect(await repository.changedFiles(before, after, NEVER)).toEqual(expected);
    expect(expected.length).toBeGreaterThan(10);
    expect(await repository.changedFiles(after, before, NEVER)).toEqual(await gitSays(git, after, before));
    expect(await repository.changedFiles(after, after, NEVER)).toEqual([]);
  });

  it('are read while others write, and after a pause', async () => {
    const scratch = await scratchRepository();
    const repository = await scratch.open();
    for (const number of [1, 2, 3]) {
      await scratch.write('later.txt', `${number}\n`);
      const commit = await scratch.commit();
      const [files, tree] = await Promise.all([
        repository.readFiles(commit, ['later.txt', 'a.txt', 'missing', '../x', 'a.txt/x'], NEVER),
        repository.treeOf(commit, NEVER),
      ]);
      expect([...files].map(([path, bytes]) => `${path} ${bytes}`)).toEqual([`later.txt ${number}\n`, 'a.txt a\n']);
      expect(tree).toBe(await scratch.git('rev-parse', `${commit}^{tree}`));
    }
    await scratch.git('update-ref', 'refs/claude-orchestrator/x', 'HEAD');
    expect(await repository.readRef('refs/claude-orchestrator/x', NEVER)).toBe(await scratch.git('rev-parse', 'HEAD'));
    await scratch.git('pack-refs', '--all');
    await scratch.git('gc', '--quiet');
    expect(await repository.readRef('refs/claude-orchestrator/x', NEVER)).toBe(await scratch.git('rev-parse', 'HEAD'));
    expect(await repository.readRef('refs/claude-orchestrator/none', NEVER)).toBeUndefined();
  });

  it('hold files of many megabytes, whole, in any order', async () => {
    const big = Buffer.alloc(20_000_000, 'x\n0123456789');
    const scratch = await scratchRepository({ files: { 'big.bin': big, 'small.txt': 'small\n', empty: '' } });
    const repository = await scratch.open();
    const files = await repository.readFiles('HEAD', ['small.txt', 'big.bin', 'empty'], NEVER);
    expect(Buffer.from(files.get('big.bin') ?? []).equals(big)).toBe(true);
    expect([...files.keys()]).toEqual(['small.txt', 'big.bin', 'empty']);
    expect(files.get('empty')).toHaveLength(0);
  });
});
