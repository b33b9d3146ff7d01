import { describe, expect, it } from 'vitest';
import { NEVER, scratchRepository } from './scratch-repository.ts';

/** Nobody knows what else writes it. */
const FOREIGN = 'refs/heads/foreign';
const REF = 'refs/claude-orchestrator/runs/one/integration';

/** A repository with commits `ours` and `theirs`, each made of `base` by writing the files given. */
async function fork(
  base: Readonly<Record<string, string>>,
  ours: Readonly<Record<string, string>>,
  theirs: Readonly<Record<string, string>>,
) {
  const scratch = await scratchRepository({ files: base });
  const start = await scratch.git('rev-parse', 'HEAD');
  const side = async (files: Readonly<Record<string, string>>) => {
    await scratch.git('checkout', '--quiet', '--detach', start);
    for (const [path, content] of Object.entries(files)) await scratch.write(path, content);
    return scratch.commit();
  };
  const commits = { start, ours: await side(ours), theirs: await side(theirs) };
  await scratch.git('checkout', '--quiet', 'main');
  return { scratch, repository: await scratch.open(), ...commits };
}

describe('merge', () => {
  it('joins both sides in a commit with both as parents and touches no file', async () => {
    const { scratch, repository, ours, theirs } = await fork(
      { 'a.txt': '1\n' },
      { 'b.txt': '2\n' },
      { 'c.txt': '3\n' },
    );
    await scratch.write('a.txt', 'dirty\n');
    const merged = await repository.merge(ours, theirs, 'join', NEVER);
    if (!merged.ok) throw new Error('conflict');
    expect(await scratch.git('rev-list', '--parents', '-1', merged.commit)).toBe(`${merged.commit} ${ours} ${theirs}`);
    expect(await repository.treeOf(merged.commit, NEVER)).toBe(merged.tree);
    expect(await scratch.git('ls-tree', '--name-only', merged.tree)).toBe('a.txt\nb.txt\nc.txt');
    expect(await scratch.git('status', '--porcelain')).toBe('M a.txt'.padStart(8));
  });

  it('names each path in conflict once', async () => {
    const odd = 'we"ird\nünï code.txt';
    const { repository, ours, theirs } = await fork(
      { [odd]: '1\n', same: '1\n', other: '1\n' },
      { [odd]: 'ours\n', same: 'ours\n', other: 'ours\n' },
      { [odd]: 'theirs\n', same: 'theirs\n', new: 'x\n' },
    );
    expect(await repository.merge(ours, theirs, 'join', NEVER)).toMatchObject({ ok: false, conflicts: ['same', odd] });
  });

  it('returns the side that contains the other', async () => {
    const { repository, start, ours } = await fork({ a: '1\n' }, { b: '2\n' }, { c: '3\n' });
    const tree = await repository.treeOf(ours, NEVER);
    for (const [one, two] of [
      [start, ours],
      [ours, start],
      [ours, ours],
    ] as const) {
      expect(await repository.merge(one, two, 'join', NEVER)).toEqual({ ok: true, commit: ours, tree });
    }
  });
});

describe('refs', () => {
  it('move only from where they are said to be', async () => {
    const { repository, start, ours, theirs } = await fork({ a: '1\n' }, { b: '2\n' }, { c: '3\n' });
    expect(await repository.readRef(REF, NEVER)).toBeUndefined();
    await repository.moveRef(REF, start, null, NEVER);
    await repository.moveRef(REF, ours, start, NEVER);
    for (const old of [start, null]) {
      await expect(repository.moveRef(REF, theirs, old, NEVER)).rejects.toMatchObject({ code: 'git-failed' });
    }
    expect(await repository.readRef(REF, NEVER)).toBe(ours);
  });

  it('only one of two windows moves a ref', async () => {
    const { scratch, repository, start, ours, theirs } = await fork({ a: '1\n' }, { b: '2\n' }, { c: '3\n' });
    const other = await scratch.open();
    await repository.moveRef(REF, start, null, NEVER);
    const outcomes = await Promise.allSettled([
      repository.moveRef(REF, ours, start, NEVER),
      other.moveRef(REF, theirs, start, NEVER),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('says what stays locked', async () => {
    const { scratch, repository, start } = await fork({ a: '1\n' }, { b: '2\n' }, { c: '3\n' });
    await scratch.write(`.git/${FOREIGN}.lock`, '');
    await expect(repository.moveRef(FOREIGN, start, null, NEVER)).rejects.toMatchObject({
      code: 'git-failed',
      fix: expect.stringContaining(`${FOREIGN}.lock`),
    });
  });
});

describe('changed files', () => {
  it('are listed between any two commits, with renames as deletion and addition', async () => {
    const { repository, ours, theirs } = await fork({ a: '1\n' }, { b: '2\n' }, { c: '2\n', a: 'x\n' });
    expect(await repository.changedFiles(ours, theirs, NEVER)).toEqual([
      { path: 'a', change: 'modified' },
      { path: 'b', change: 'deleted' },
      { path: 'c', change: 'added' },
    ]);
  });

  it('are read by the hundred', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [`dir ${index % 7}/f${index}`, `${index}`]),
    );
    const scratch = await scratchRepository({ files: { ...files, empty: '' } });
    const repository = await scratch.open();
    for (const paths of [Object.keys(files), Object.keys(files).slice(0, 50), ['empty', 'dir 1']]) {
      const read = await repository.readFiles('HEAD', paths, NEVER);
      for (const [path, content] of read)
        expect(Buffer.from(content).toString()).toBe(path === 'empty' ? '' : files[path]);
      expect(read.size).toBe(paths.filter((path) => path !== 'dir 1').length);
    }
  });
});

describe('a merge of moved files and folders that cross, at which some versions of git break off', () => {
  const lines = (...changed: readonly string[]) =>
    Array.from({ length: 12 }, (_, index) => `${changed[index] || `line ${index}`}\n`).join('');
  const moved = 'the very same\nin\ntwo\nplaces\n';
  const before = {
    'b/x/g': moved,
    h: moved,
    g: lines(),
    'both.txt': lines(),
    'same.txt': lines(),
    'gone.txt': lines(),
  };

  it('merges what can be merged and names the rest', async () => {
    const scratch = await scratchRepository({ files: { ...before, 'ünï\ncode.bin': new Uint8Array([0, 1]) } });
    const side = async (removed: readonly string[], files: Readonly<Record<string, string | Uint8Array>>) => {
      await scratch.git('checkout', '--quiet', '--detach', 'main');
      await scratch.git('rm', '--quiet', ...removed);
      for (const [path, content] of Object.entries(files)) await scratch.write(path, content);
      return scratch.commit();
    };
    const ours = await side(['b/x/g'], {
      'b/x': moved,
      g: lines('', '', '', 'ours'),
      'both.txt': lines('ours'),
      'same.txt': lines('ours'),
      'gone.txt': lines('', 'kept'),
      'ünï\ncode.bin': new Uint8Array([0, 2]),
    });
    const theirs = await side(['b/x/g', 'h', 'gone.txt'], {
      'a/x/x': moved,
      'both.txt': lines('', '', '', '', '', '', '', '', '', 'theirs'),
      'same.txt': lines('theirs'),
      'ünï\ncode.bin': new Uint8Array([0, 3]),
    });
    await scratch.git('checkout', '--quiet', 'main');
    const merged = await (await scratch.open()).merge(ours, theirs, 'join', NEVER);
    if (merged.ok) throw new Error('There was no conflict.');
    expect(merged.conflicts).toEqual(expect.arrayContaining(['same.txt', 'gone.txt', 'ünï\ncode.bin']));
    expect(merged.conflicts).not.toContain('both.txt');
    const text = (path: string) => scratch.git('cat-file', 'blob', `${merged.commit}:${path}`);
    expect(`${await text('both.txt')}\n`).toBe(lines('ours', '', '', '', '', '', '', '', '', 'theirs'));
    expect(await text('same.txt')).toMatch(/^<<<<<<< .*\nours\n=======\ntheirs\n>>>>>>> /);
    expect(await text('gone.txt')).toContain('kept');
    expect(`${await text('g')}\n`).toBe(lines('', '', '', 'ours'));
    expect(await scratch.git('rev-list', '--parents', '-1', merged.commit)).toContain(`${ours} ${theirs}`);
  });
});
