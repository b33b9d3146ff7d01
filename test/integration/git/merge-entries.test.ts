import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gitIn } from '../../../src/node/git/git.ts';
import { GitHistory } from '../../../src/node/git/history.ts';
import { mergeEntries } from '../../../src/node/git/merge-entries.ts';
import { GitObjects } from '../../../src/node/git/objects.ts';
import { ObjectStore } from '../../../src/node/git/store.ts';
import { type Entry, FOLDER, GitTrees } from '../../../src/node/git/trees.ts';
import { NEVER, type ScratchRepository, scratchRepository } from './scratch-repository.ts';

type Files = ReadonlyMap<string, string>;

/** Long enough, and alike enough, for git to see a rename with a change. */
const content = (variant: number): string =>
  `${Array.from({ length: 20 }, (_, at) => `line ${at}`).join('\n')}\n${variant}\n`;

const path = fc.constantFrom('x', 'y', 'a', 'a/x', 'a/y', 'a/z', 'a/c/x', 'a/c/y', 'b/x', 'b/y', 'ü/x', 'a.b');
const variant = fc.integer({ min: 0, max: 3 });
const edit = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant('write' as const), path, variant }) },
  fc.record({ does: fc.constant('remove' as const), path }),
  fc.record({ does: fc.constant('move' as const), path, to: path }),
  fc.record({
    does: fc.constant('move-folder' as const),
    from: fc.constantFrom('a/', 'b/', 'a/c/'),
    to: fc.constant('d/'),
  }),
);
type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

const withoutClash = (files: Map<string, string>, path: string): void => {
  for (const other of [...files.keys()])
    if (other.startsWith(`${path}/`) || path.startsWith(`${other}/`)) files.delete(other);
};

function edited(before: Files, edits: readonly Edit[]): Files {
  const files = new Map(before);
  const put = (to: string, text: string): void => {
    withoutClash(files, to);
    files.set(to, text);
  };
  const move = (from: string, to: string): void => {
    const text = files.get(from);
    if (text === undefined) return;
    files.delete(from);
    put(to, text);
  };
  for (const one of edits) {
    if (one.does === 'write') put(one.path, content(one.variant));
    else if (one.does === 'remove') files.delete(one.path);
    else if (one.does === 'move') move(one.path, one.to);
    else
      for (const name of [...files.keys()])
        if (name.startsWith(one.from)) move(name, one.to + name.slice(one.from.length));
  }
  return files;
}

async function workshop(scratch: ScratchRepository) {
  const { git, root, environment } = scratch;
  const run = gitIn(root, environment);
  const objects = new GitObjects(root, environment);
  const store = new ObjectStore(`${root}/.git`, run);
  const trees = new GitTrees(objects, store);
  const head = await git('rev-parse', 'HEAD');
  const blobs = new Map<string, string>();
  for (const which of [0, 1, 2, 3]) {
    const written = await run(['hash-object', '-w', '--stdin'], { signal: NEVER, input: content(which) });
    blobs.set(content(which), written.stdout.toString('utf8').trim());
  }
  const treeOf = async (files: Files): Promise<string> => {
    const entries: Entry[] = [];
    const folders = new Map<string, Map<string, string>>();
    for (const [name, text] of files) {
      const slash = name.indexOf('/');
      const own = Buffer.from(slash < 0 ? name : name.slice(0, slash), 'utf8').toString('latin1');
      if (slash < 0) entries.push({ name: own, mode: '100644', id: blobs.get(text) ?? '' });
      else folders.set(own, (folders.get(own) ?? new Map()).set(name.slice(slash + 1), text));
    }
    for (const [name, inner] of folders) entries.push({ name, mode: FOLDER, id: await treeOf(inner) });
    const { id, stored } = trees.write(entries, head);
    await stored;
    return id;
  };
  const commit = async (tree: string, ...parents: readonly string[]): Promise<string> => {
    const lines = [`tree ${tree}`, ...parents.map((parent) => `parent ${parent}`)];
    for (const role of ['author', 'committer']) lines.push(`${role} A <a@example.org> 1700000000 +0000`);
    const { id, stored } = store.put('commit', Buffer.from(`${lines.join('\n')}\n\nx\n`), head);
    await stored;
    return id;
  };
  return { run, objects, trees, treeOf, commit };
}

describe('a merge without a look into files', () => {
  it('is what git makes of it, wherever it can be made', async () => {
    const scratch = await scratchRepository();
    const { run, trees, treeOf, commit } = await workshop(scratch);
    let made = 0;
    const edits = fc.array(edit, { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { maxLength: 8 }), edits, edits, async (first, left, right) => {
        const before = edited(new Map(), first);
        const sides = [before, edited(before, left), edited(before, right)];
        const [base = '', ours = '', theirs = ''] = await Promise.all(sides.map(treeOf));
        const merged = await mergeEntries(trees, base, ours, theirs, NEVER);
        if (!merged) return;
        made += 1;
        await Promise.all(merged.written.map(({ stored }) => stored));
        const onto = await commit(base);
        const both = await Promise.all([ours, theirs].map((tree) => commit(tree, onto)));
        const said = await run(['merge-tree', '--write-tree', '--no-messages', ...both], {
          signal: NEVER,
          accept: [1],
        });
        expect([said.code, said.stdout.toString('utf8').trim()]).toEqual([0, merged.tree]);
      }),
      { numRuns: 80 },
    );
    expect(made).toBeGreaterThan(10);
    expect(await scratch.git('fsck', '--strict', '--no-dangling')).toBe('');
  }, 60_000);

  it('is left to git where both sides lack a file that one of them, or both, put elsewhere', async () => {
    const { trees, treeOf } = await workshop(await scratchRepository());
    const file = content(0);
    const before = new Map([
      ['a/x', file],
      ['a/y', content(1)],
    ]);
    const removed = edited(before, [{ does: 'remove', path: 'a/x' }]);
    const moved = edited(before, [{ does: 'move', path: 'a/x', to: 'b/x' }]);
    const elsewhere = edited(before, [{ does: 'move', path: 'a/x', to: 'b/y' }]);
    for (const sides of [
      [before, removed, moved],
      [before, moved, removed],
      [before, moved, elsewhere],
    ]) {
      const [base = '', ours = '', theirs = ''] = await Promise.all(sides.map(treeOf));
      expect(await mergeEntries(trees, base, ours, theirs, NEVER)).toBeUndefined();
    }
  });

  it('rests on the common ancestor that git finds', async () => {
    const scratch = await scratchRepository();
    const { run, objects, treeOf, commit } = await workshop(scratch);
    const tree = await treeOf(new Map());
    const parents = fc.array(fc.array(fc.nat(), { minLength: 1, maxLength: 2 }), { minLength: 2, maxLength: 9 });
    let known = 0;
    await fc.assert(
      fc.asyncProperty(parents, fc.nat(), fc.nat(), async (all, one, other) => {
        const commits = [await commit(tree)];
        for (const [at, own] of all.entries()) {
          const of = own.map((which) => commits[which % commits.length] ?? '');
          commits.push(await commit(await treeOf(new Map([[`${at}`, content(0)]])), ...new Set(of)));
        }
        const [ours = '', theirs = ''] = [one, other].map((which) => commits[which % commits.length]);
        const found = await new GitHistory(objects).mergeBase(ours, theirs, NEVER);
        if (found === undefined) return;
        known += 1;
        const said = await run(['merge-base', '--all', ours, theirs], { signal: NEVER, accept: [1] });
        expect(said.stdout.toString('utf8').trim()).toBe(found);
      }),
      { numRuns: 40 },
    );
    expect(known).toBeGreaterThan(5);
  }, 60_000);
});
