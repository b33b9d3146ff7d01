import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Git, gitIn, line } from '../../../src/node/git/git.ts';
import { treeOfIndex } from '../../../src/node/git/index-tree.ts';
import { GitObjects } from '../../../src/node/git/objects.ts';
import { ObjectStore } from '../../../src/node/git/store.ts';
import { GitTrees } from '../../../src/node/git/trees.ts';
import { NEVER, scratchRepository } from './scratch-repository.ts';

const LONG = 'n'.repeat(4_100);
const path = fc.constantFrom('a', 'a.b', 'a/x', 'a/b/c/d', 'a/b/e', 'a0/x', 'ü/é', ' /x', 'z/z/z/z', LONG, `d/${LONG}`);
const mode = fc.constantFrom('100644', '100755', '120000', '160000', '0');
const change = fc.tuple(path, mode, fc.integer({ min: 0, max: 2 }));
const changes = fc.array(change, { maxLength: 8 });

/** A repository, and a function that gives an index entries and says what tree git and the product make of it. */
async function workshop(format: 'sha1' | 'sha256') {
  const scratch = await scratchRepository({ files: null });
  const root = join(scratch.root, 'of-format');
  await scratch.git('init', '--quiet', `--object-format=${format}`, root);
  const git: Git = gitIn(root, scratch.environment);
  const trees = new GitTrees(new GitObjects(root, scratch.environment), new ObjectStore(join(root, '.git'), git));
  const written = ['0', '1', '2'].map((input) => git(['hash-object', '-w', '--stdin'], { signal: NEVER, input }));
  const blobs = (await Promise.all(written)).map(line);
  const [like = ''] = blobs;
  const ask = async (name: string, given: readonly (readonly [string, string, number])[]) => {
    const file = join(root, '.git', name);
    const env = { GIT_INDEX_FILE: file };
    // One that clashes with what is there takes its place.
    const input = given.map(([at, kind, blob]) => `${kind} ${blobs[blob]}\t${at}\0`).join('');
    await git(['update-index', '--add', '--replace', '-z', '--index-info'], { signal: NEVER, env, input });
    const ours = await treeOfIndex(trees, file, like);
    await Promise.all(ours?.written.map(({ stored }) => stored) ?? []);
    const theirs = line(await git(['write-tree', '--missing-ok'], { signal: NEVER, env }));
    return { ours: ours?.tree, theirs };
  };
  return { git, ask };
}

describe('the tree of an index', () => {
  it.each(['sha1', 'sha256'] as const)(
    'is the one that git writes, with %s',
    async (format) => {
      const { git, ask } = await workshop(format);
      let count = 0;
      await fc.assert(
        fc.asyncProperty(changes, changes, async (before, after) => {
          count += 1;
          // The second time git knows the trees of folders that did not change.
          for (const given of [before, after]) {
            if (given.length === 0) continue;
            const { ours, theirs } = await ask(`index-${count}`, given);
            expect(ours).toBe(theirs);
          }
        }),
        { numRuns: 30 },
      );
      expect((await git(['fsck', '--no-dangling'], { signal: NEVER })).stdout.toString('utf8')).toBe('');
    },
    60_000,
  );

  it('is left to git where the index holds a conflict', async () => {
    const { git, ask } = await workshop('sha1');
    const blob = line(await git(['hash-object', '-w', '--stdin'], { signal: NEVER, input: '1' }));
    const input = [1, 2, 3].map((stage) => `100644 ${blob} ${stage}\ta\0`).join('');
    await git(['update-index', '-z', '--index-info'], { signal: NEVER, input });
    await expect(ask('index', [['b', '100644', 1]])).rejects.toThrow('write-tree');
  });
});
