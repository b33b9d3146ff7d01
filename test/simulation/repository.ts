import type { ChangedFile } from '../../src/core/model/event-fields.ts';
import type { Capture, GitRepository, Merge } from '../../src/core/ports/repository.ts';
import { Ancestry } from './ancestry.ts';
import { Broken } from './broken.ts';
import type { Content, GitOptions, Work } from './git-content.ts';
import { type SimulatedSlot, slotsOf } from './slots.ts';
import type { Process } from './world.ts';

export const BASE = 'f'.repeat(40);
/** What a person has committed since, none of which is a subtask's work. */
export const LATER_BASE = 'e'.repeat(40);
const EMPTY = 'd'.repeat(40);
const LATER = 'c'.repeat(40);

/** What stands in a file. */
const TEXTS: Readonly<Record<Work['how'], string>> = {
  whole: 'whole',
  broken: 'broken',
  marked: '<<<<<<< ours\n=======\n>>>>>>> theirs\n',
};

/** Objects, refs and worktrees: what outlives every process. Commits are sets of subtasks' works. */
export class SimulatedGit {
  readonly refs = new Map<string, string>();
  readonly worktrees = new Map<string, SimulatedSlot>();
  /** Trees on which the project's check was run. */
  readonly checked = new Set<string>();
  readonly #contents = new Map<string, Content>([
    [BASE, new Map()],
    [EMPTY, new Map()],
    [LATER_BASE, new Map()],
    [LATER, new Map()],
  ]);
  /** Commit → tree, and a tree's content as text → tree. */
  readonly #trees = new Map<string, string>([
    [BASE, EMPTY],
    [LATER_BASE, LATER],
  ]);
  readonly ancestry = new Ancestry((commit) => this.contentOf(commit));
  readonly #options: GitOptions;
  /** Stamps of works that a ref keeps. */
  readonly #kept = new Set<number>();
  #stamps = 0;

  constructor(options: GitOptions) {
    this.#options = options;
  }

  /** Of a commit or a tree. */
  contentOf(treeish: string): Content {
    const found = this.#contents.get(treeish);
    if (!found) throw new Error(`There is no ${treeish}.`);
    return found;
  }

  treeOf(treeish: string): string {
    return this.#trees.get(treeish) ?? treeish;
  }

  /** Whether all works in a commit are whole and none breaks another. */
  isWhole(commit: string): boolean {
    const held = this.contentOf(commit);
    return [...held.values()].every(({ how }) => how === 'whole') && !this.isTroubled(this.#options.spoils, held);
  }

  /** Whether the project's check passes on it. */
  passes(treeish: string): boolean {
    return !this.isTroubled(this.#options.breaks, this.contentOf(treeish));
  }

  /** Whether one of these pairs, or of these single ones, is in it and nobody has mended that. */
  isTroubled(pairs: readonly string[], held: Content): boolean {
    const { stubborn } = this.#options;
    return pairs.some((pair) => {
      const ids = pair.split('+');
      const [first = '', second = first] = ids;
      const knowing = ids.filter((id) => held.get(id)?.knows.has(id === first ? second : first) === true);
      return ids.every((id) => held.has(id)) && !knowing.some((id) => !stubborn.includes(id));
    });
  }

  /** What a worker does in its worktree; nothing when that is gone. A bad one leaves markers where they are. */
  work(path: string, subtask: string, how: 'whole' | 'broken'): void {
    this.#stamps += 1;
    const slot = this.worktrees.get(path.replace('/worktrees/', ''));
    const isLeft = how === 'broken' && slot?.files.get(subtask)?.how === 'marked';
    slot?.files.set(subtask, { how: isLeft ? 'marked' : how, stamp: this.#stamps, knows: slot.opened });
  }

  make(held: Content, parents: readonly string[]): string {
    const id = this.#contents.size.toString(16).padStart(40, '0');
    this.#contents.set(id, held);
    this.ancestry.add(id, parents);
    const text = [...held].map(([name, { stamp, how }]) => `${name} ${stamp} ${how}`).sort();
    const tree = this.#trees.get(text.join()) ?? (text.length === 0 ? EMPTY : id.replace(/^00/, 'ee'));
    this.#trees.set(text.join(), tree);
    this.#trees.set(id, tree);
    this.#contents.set(tree, held);
    return id;
  }

  setRef(ref: string, commit: string): void {
    this.refs.set(ref, commit);
    for (const { stamp } of this.contentOf(commit).values()) this.#kept.add(stamp);
  }

  snapshot(name: string): void {
    const slot = this.worktrees.get(name);
    if (slot?.whole && this.#options.bug !== 'slot-reused-before-snapshot')
      this.setRef(`refs/claude-orchestrator/snapshots/${name}`, this.make(new Map(slot.files), []));
  }

  /** What is in a slot is gone, and so is the slot. */
  lose(name: string): void {
    const slot = this.worktrees.get(name);
    if (!slot) return;
    if (this.#options.worksIn(name))
      this.#options.fail(new Broken('slot-is-idle', `the slot ${name} is taken away from its worker`));
    if (this.#options.isNeeded(name))
      this.#options.fail(new Broken('slot-is-idle', `the slot ${name} is taken away from an attempt that goes on`));
    for (const [subtask, { stamp }] of slot.whole ? slot.files : []) {
      if (!this.#kept.has(stamp))
        this.#options.fail(new Broken('snapshot-before-reuse', `what ${subtask} left in the slot ${name} is lost`));
    }
    this.worktrees.delete(name);
  }

  /** The repository as one process sees it. */
  for(process: Process): GitRepository {
    return repositoryOf(this, this.#options, process);
  }
}

/** The subtask whose work a file is. */
const idOf = (path: string): string => path.replace(/\.js$/, '');

/** In the order of their paths. */
function changed(from: Content, to: Content): ChangedFile[] {
  const ids = [...new Set([...from.keys(), ...to.keys()])].sort();
  return ids.flatMap((id): ChangedFile[] => {
    const [before, after] = [from.get(id), to.get(id)];
    if (before?.stamp === after?.stamp) return [];
    return [{ path: `${id}.js`, change: before ? (after ? 'modified' : 'deleted') : 'added' }];
  });
}

function repositoryOf(git: SimulatedGit, options: GitOptions, process: Process): GitRepository {
  const { world } = options;
  const begin = async (kind: string, what: string, signal?: AbortSignal): Promise<void> => {
    await world.takes(`${kind} ${what}`, process, signal);
    await world.point(`${kind}/before`, process);
  };
  return {
    root: '/repository',
    head: async () => ({ commit: BASE, branch: 'main' }),
    dirtyPaths: async () => [],
    slots: slotsOf(git, options, process),
    async prepareWorktree(worktree, _setUp, signal) {
      await begin('prepare', worktree, signal);
      await world.point('prepare/after', process);
    },
    async capture(worktree, from, ref, _message, signal): Promise<Capture> {
      await begin('capture', worktree, signal);
      const files = git.worktrees.get(worktree.replace('/worktrees/', ''))?.files;
      if (!files) throw new Error(`There is no worktree ${worktree}.`);
      const held = new Map(files);
      const commit = git.make(held, [from]);
      git.setRef(ref, commit);
      await world.point('capture/after', process);
      return { commit, tree: git.treeOf(commit), files: changed(git.contentOf(from), held), oversized: undefined };
    },
    async merge(ours, theirs, message, signal): Promise<Merge> {
      await begin('merge', message, signal);
      if (git.ancestry.contains(ours, theirs)) return { ok: true, commit: ours, tree: git.treeOf(ours) };
      if (git.ancestry.contains(theirs, ours)) return { ok: true, commit: theirs, tree: git.treeOf(theirs) };
      const there = git.contentOf(ours);
      const { held, conflicts } = git.ancestry.merge(ours, theirs);
      if (conflicts.length > 0 || git.isTroubled(options.clashes, held)) {
        const added = [...held].filter(([id]) => !there.has(id));
        for (const [id, work] of added) held.set(id, { ...work, how: 'marked' });
        const files = new Set([...conflicts, ...added.map(([id]) => `${id}.js`)]);
        return { ok: false, conflicts: [...files], commit: git.make(held, [ours, theirs]) };
      }
      const commit = git.make(held, [ours, theirs]);
      return { ok: true, commit, tree: git.treeOf(commit) };
    },
    async transplant({ result, from, onto, ref, message }, signal) {
      await begin('transplant', message, signal);
      const before = git.contentOf(from);
      const added = [...git.contentOf(result)].filter(([id, work]) => before.get(id)?.stamp !== work.stamp);
      const held = new Map([...git.contentOf(onto), ...added]);
      if (git.isTroubled(options.clashes, held)) return { ok: false, conflicts: ['shared.js'] };
      const commit = git.make(held, [onto]);
      git.setRef(ref, commit);
      await world.point('transplant/after', process);
      return { ok: true, commit, tree: git.treeOf(commit), files: changed(git.contentOf(onto), held) };
    },
    listFiles: async (treeish) =>
      new Map([...git.contentOf(treeish)].map(([id, { stamp }]) => [`${id}.js`, String(stamp)])),
    async moveRef(ref, next, old, signal) {
      await begin('move-ref', ref, signal);
      if ((git.refs.get(ref) ?? null) !== old) throw new Error(`${ref} is elsewhere.`);
      options.onMoveRef(ref, next);
      git.setRef(ref, next);
      await world.point('move-ref/after', process);
    },
    readRef: async (ref) => git.refs.get(ref),
    changedFiles: async (from, to) => changed(git.contentOf(from), git.contentOf(to)),
    async readFiles(treeish, paths, signal) {
      await begin('read-files', paths.join(' '), signal);
      const held = git.contentOf(treeish);
      const spoilt = git.isTroubled(options.spoils, held);
      return new Map(
        paths.flatMap((path) => {
          const work = held.get(idOf(path));
          return work ? [[path, Buffer.from(spoilt ? 'broken' : TEXTS[work.how])] as const] : [];
        }),
      );
    },
    entries: async (treeish, paths) => {
      const held = git.contentOf(treeish);
      // What lies in a folder is there as soon as anybody has worked: works are told apart by subtask alone.
      const isThere = (path: string): boolean => (path.includes('/') ? held.size > 0 : held.has(idOf(path)));
      const there = paths.filter(isThere);
      return new Map(there.map((path) => [path, { kind: 'file', object: path, bytes: 5, target: undefined }] as const));
    },
    treeOf: async (commit) => git.treeOf(commit),
    changedSharedCode: async () => new Map(),
    async snapshotFiles(ref, message, signal) {
      await begin('snapshot-files', message, signal);
      const commit = git.make(new Map(), [BASE]);
      git.setRef(ref, commit);
      await world.point('snapshot-files/after', process);
      return commit;
    },
    planInPlace: async () => ({ ok: false, reason: 'nothing', message: '', paths: [] }),
    planApply: async () => ({ ok: false, reason: 'nothing', message: '', paths: [] }),
    runCommitHooks: async (_worktree, { to }) => to,
    apply: async () => undefined,
    undo: async () => undefined,
  };
}
