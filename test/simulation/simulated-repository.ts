import type { ChangedFile } from '../../src/core/model/events.ts';
import type { Capture, Merge, Repository } from '../../src/core/ports/repository.ts';
import type { World } from './world.ts';

/** What a commit holds: the subtask whose work it has → whether that work's file is whole. */
type Content = ReadonlyMap<string, 'whole' | 'broken'>;

export interface SimulatedRepository extends Repository {
  readonly worktrees: ReadonlyMap<string, string>;
  readonly refs: ReadonlyMap<string, string>;
  /** Subtasks whose work is in a commit. */
  contentOf(commit: string): ReadonlySet<string>;
  /** What a worker does in its worktree. */
  work(worktree: string, subtask: string, how: 'whole' | 'broken'): void;
}

/** Commits are sets of subtasks' works; two works of `clashes` conflict, two of `spoils` break when merged. */
export function simulatedRepository(
  world: World,
  base: string,
  clashes: ReadonlySet<string>,
  spoils: ReadonlySet<string>,
): SimulatedRepository {
  const commits = new Map<string, Content>([[base, new Map()]]);
  const refs = new Map<string, string>();
  /** Slot → base; works in it by worktree. */
  const worktrees = new Map<string, string>();
  const works = new Map<string, Map<string, 'whole' | 'broken'>>();
  const content = (commit: string): Content => {
    const found = commits.get(commit);
    if (!found) throw new Error(`There is no commit ${commit}.`);
    return found;
  };
  const make = (held: Content): string => {
    const id = commits.size.toString(16).padStart(40, '0');
    commits.set(id, held);
    return id;
  };
  const changed = (from: Content, to: Content): ChangedFile[] =>
    [...to.keys()].filter((id) => !from.has(id)).map((id) => ({ path: `${id}.js`, change: 'added' }));
  const both = (pairs: ReadonlySet<string>, held: Content) =>
    [...pairs].find((pair) => pair.split('+').every((id) => held.has(id)));

  return {
    root: '/repository',
    worktrees,
    refs,
    contentOf: (commit) => new Set(content(commit).keys()),
    work: (worktree, subtask, how) => {
      works.set(worktree, new Map([[subtask, how]]));
    },
    head: async () => ({ commit: base, branch: 'main' }),
    dirtyPaths: async () => [],
    async openWorktree(slot, from, signal) {
      await world.takes(`open ${slot}`, signal);
      worktrees.set(slot, from);
      return `/worktrees/${slot}`;
    },
    slots: async () => [...worktrees.keys()],
    async closeWorktree(slot) {
      await world.takes(`close ${slot}`);
      worktrees.delete(slot);
    },
    async capture(worktree, from, ref, _message, signal): Promise<Capture> {
      await world.takes(`capture ${worktree}`, signal);
      const held = new Map([...content(from), ...(works.get(worktree) ?? [])]);
      const commit = make(held);
      refs.set(ref, commit);
      return { commit, tree: commit, files: changed(content(from), held) };
    },
    async merge(ours, theirs, message, signal): Promise<Merge> {
      await world.takes(message, signal);
      const held = new Map([...content(ours), ...content(theirs)]);
      if (both(clashes, held)) return { ok: false, conflicts: ['shared.js'] };
      const commit = make(held);
      return { ok: true, commit, tree: commit };
    },
    async moveRef(ref, next, old, signal) {
      await world.takes(`move ${ref}`, signal);
      if ((refs.get(ref) ?? null) !== old) throw new Error(`${ref} is elsewhere.`);
      refs.set(ref, next);
    },
    readRef: async (ref) => refs.get(ref),
    changedFiles: async (from, to) => changed(content(from), content(to)),
    async readFiles(treeish, paths, signal) {
      await world.takes(`read ${paths.join(' ')}`, signal);
      const held = content(treeish);
      const spoilt = both(spoils, held) !== undefined;
      return new Map(
        paths.flatMap((path) => {
          const how = held.get(path.replace(/\.js$/, ''));
          return how ? [[path, Buffer.from(spoilt ? 'broken' : how)] as const] : [];
        }),
      );
    },
    entries: async (treeish, paths) => {
      const held = content(treeish);
      const there = paths.filter((path) => held.has(path.replace(/\.js$/, '')));
      return new Map(there.map((path) => [path, { kind: 'file', object: path, bytes: 5, target: undefined }] as const));
    },
    treeOf: async (commit) => commit,
    planApply: async () => ({ ok: false, reason: 'nothing', message: '', paths: [] }),
    apply: async () => undefined,
  };
}
