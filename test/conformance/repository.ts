import { describe, expect, it } from 'vitest';
import type { Capture, Repository, Worktrees } from '../../src/core/ports/repository.ts';

/** One implementation of the port with what the suite needs besides. */
export interface RepositoryPlace {
  readonly repository: Omit<Repository, keyof Worktrees>;
  /** A commit without any of the files that the suite writes. */
  readonly base: string;
  /** Lets time pass until it settles. */
  settle<T>(promise: Promise<T>): Promise<T>;
  /** A worktree of a commit; its absolute path. */
  worktree(name: string, commit: string): Promise<string>;
  /** Writes `NAME.js` in a worktree, with another content each time. */
  write(worktree: string, name: string): Promise<void>;
}

const NEVER = new AbortController().signal;
const REF = 'refs/claude-orchestrator/runs/run/integration';

/** The laws of the port `Repository` on which the core rests, for the real one and the simulated one alike. */
export function describeRepository(name: string, make: () => Promise<RepositoryPlace>): void {
  describe(`the repository's port, ${name}`, () => {
    /** A repository in which each of the names is written in a worktree of its own and captured. */
    const captured = async (...names: string[]) => {
      const place = await make();
      const results = new Map<string, Capture>();
      for (const one of names) results.set(one, await capture(place, one, one, place.base));
      return { ...place, place, result: (one: string) => results.get(one) ?? fail(one) };
    };

    it('captures what was written, keeps it under the ref, and shows what changed', async () => {
      const { repository, base, settle, result } = await captured('a');
      const { commit, tree, files } = result('a');
      expect(files).toEqual([{ path: 'a.js', change: 'added' }]);
      expect(await settle(repository.readRef('refs/claude-orchestrator/kept/a', NEVER))).toBe(commit);
      expect(await settle(repository.treeOf(commit, NEVER))).toBe(tree);
      expect(await settle(repository.changedFiles(base, commit, NEVER))).toEqual(files);
      expect(await settle(repository.changedFiles(commit, base, NEVER))).toEqual([{ path: 'a.js', change: 'deleted' }]);
      expect(await settle(repository.changedFiles(commit, commit, NEVER))).toEqual([]);
    });

    it('captures a worktree in which nothing changed as its base is', async () => {
      const place = await make();
      const path = await place.worktree('nothing', place.base);
      const { repository, base, settle } = place;
      const { tree, files } = await settle(repository.capture(path, base, `${REF}-none`, 'nothing', NEVER));
      expect(files).toEqual([]);
      expect(tree).toBe(await settle(repository.treeOf(base, NEVER)));
    });

    it('gives the same content the same tree, and another content another one', async () => {
      const { repository, base, settle, worktree, write } = await make();
      const path = await worktree('again', base);
      const take = () => settle(repository.capture(path, base, `${REF}-again`, 'again', NEVER));
      await write(path, 'a');
      const [first, second] = [await take(), await take()];
      await write(path, 'a');
      const third = await take();
      expect(second.tree).toBe(first.tree);
      expect(third.tree).not.toBe(first.tree);
      expect(third.files).toEqual(first.files);
    });

    it('reads files by commit and by tree, and leaves out what is not there', async () => {
      const { repository, base, settle, result } = await captured('a');
      const { commit, tree } = result('a');
      const read = async (treeish: string) => [
        ...(await settle(repository.readFiles(treeish, PATHS, NEVER))).entries(),
      ];
      const byCommit = await read(commit);
      expect(byCommit.map(([path]) => path)).toEqual(['a.js']);
      expect(await read(tree)).toEqual(byCommit);
      expect(await read(base)).toEqual([]);
      const entries = await settle(repository.entries(tree, PATHS, NEVER));
      expect([...entries].map(([path, { kind }]) => [path, kind])).toEqual([['a.js', 'file']]);
    });

    it('merges results that touch different files, in whatever order, to the same tree', async () => {
      const { repository, base, settle, result, place } = await captured('a', 'b', 'c');
      const trees = new Set<string>();
      for (const order of ['abc', 'cab', 'bca']) {
        let tip = base;
        for (const one of order) tip = await merged(place, tip, result(one).commit);
        trees.add(await settle(repository.treeOf(tip, NEVER)));
        const changed = await settle(repository.changedFiles(base, tip, NEVER));
        expect(changed.map(({ path }) => path).sort()).toEqual(PATHS);
      }
      expect(trees.size).toBe(1);
    });

    it('gives back the one of two that holds the other', async () => {
      const { base, result, place } = await captured('a', 'b');
      const both = await merged(place, result('a').commit, result('b').commit);
      expect(await merged(place, both, result('a').commit)).toBe(both);
      expect(await merged(place, result('b').commit, both)).toBe(both);
      expect(await merged(place, both, base)).toBe(both);
    });

    it('takes what was mended on top of an earlier result', async () => {
      const { repository, settle, result, place } = await captured('a', 'b');
      const before = await merged(place, result('a').commit, result('b').commit);
      const { commit } = await capture(place, 'mended', 'a', before);
      const after = await merged(place, before, commit);
      expect(await settle(repository.changedFiles(before, after, NEVER))).toEqual([
        { path: 'a.js', change: 'modified' },
      ]);
    });

    it('names the files in which two results conflict', async () => {
      const { repository, base, settle, result, place } = await captured('a');
      const other = await capture(place, 'other', 'a', base);
      const answer = await settle(repository.merge(result('a').commit, other.commit, 'both', NEVER));
      expect(answer).toMatchObject({ ok: false, conflicts: ['a.js'] });
    });

    it('moves a ref only from where it is said to be', async () => {
      const { repository, base, settle, result } = await captured('a');
      const { commit } = result('a');
      const move = (next: string, old: string | null) => settle(repository.moveRef(REF, next, old, NEVER));
      const read = () => settle(repository.readRef(REF, NEVER));
      expect(await read()).toBeUndefined();
      await expect(move(commit, base)).rejects.toThrow();
      await move(base, null);
      await expect(move(commit, null)).rejects.toThrow();
      await expect(move(commit, commit)).rejects.toThrow();
      expect(await read()).toBe(base);
      await move(commit, base);
      expect(await read()).toBe(commit);
    });

    it('does nothing when it is told to stop before it began', async () => {
      const { repository, base, settle, result } = await captured('a');
      const stopped = AbortSignal.abort(new Error('It stops.'));
      await expect(settle(repository.moveRef(REF, base, null, stopped))).rejects.toThrow();
      await expect(settle(repository.merge(base, result('a').commit, 'x', stopped))).rejects.toThrow();
      expect(await settle(repository.readRef(REF, NEVER))).toBeUndefined();
    });
  });
}

const PATHS = ['a.js', 'b.js', 'c.js'];

async function capture(place: RepositoryPlace, slot: string, name: string, base: string): Promise<Capture> {
  const { repository, settle, worktree, write } = place;
  const path = await worktree(slot, base);
  await write(path, name);
  return settle(repository.capture(path, base, `refs/claude-orchestrator/kept/${slot}`, name, NEVER));
}

async function merged({ repository, settle }: RepositoryPlace, ours: string, theirs: string): Promise<string> {
  const answer = await settle(repository.merge(ours, theirs, 'Both', NEVER));
  if (!answer.ok) throw new Error(`They conflict in ${answer.conflicts.join(', ')}.`);
  return answer.commit;
}

function fail(name: string): never {
  throw new Error(`${name} was not captured.`);
}
