import type { ChangedFile } from '../../src/core/model/events.ts';
import type { Capture, GitRepository, Merge } from '../../src/core/ports/repository.ts';
import { Broken } from './broken.ts';
import type { Content, GitOptions, Work } from './git-content.ts';
import { type SimulatedSlot, slotsOf } from './slots.ts';
import type { Process } from './world.ts';

export const BASE = 'f'.repeat(40);

/** Objects, refs and worktrees: what outlives every process. Commits are sets of subtasks' works. */
export class SimulatedGit {
  readonly refs = new Map<string, string>();
  readonly worktrees = new Map<string, SimulatedSlot>();
  readonly #commits = new Map<string, Content>([[BASE, new Map()]]);
  readonly #options: GitOptions;
  /** Stamps of works that a ref keeps. */
  readonly #kept = new Set<number>();
  #stamps = 0;

  constructor(options: GitOptions) {
    this.#options = options;
  }

  contentOf(commit: string): Content {
    const found = this.#commits.get(commit);
    if (!found) throw new Error(`There is no commit ${commit}.`);
    return found;
  }

  /** Whether all works in a commit are whole and none breaks another. */
  isWhole(commit: string): boolean {
    const held = this.contentOf(commit);
    return [...held.values()].every(({ how }) => how === 'whole') && !this.both(this.#options.spoils, held);
  }

  both(pairs: readonly string[], held: Content): boolean {
    return pairs.some((pair) => pair.split('+').every((id) => held.has(id)));
  }

  /** What a worker does in its worktree; nothing when that is gone. */
  work(path: string, subtask: string, how: Work['how']): void {
    this.#stamps += 1;
    this.worktrees.get(path.replace('/worktrees/', ''))?.files.set(subtask, { how, stamp: this.#stamps });
  }

  make(held: Content): string {
    const id = this.#commits.size.toString(16).padStart(40, '0');
    this.#commits.set(id, held);
    return id;
  }

  setRef(ref: string, commit: string): void {
    this.refs.set(ref, commit);
    for (const { stamp } of this.contentOf(commit).values()) this.#kept.add(stamp);
  }

  snapshot(name: string): void {
    const slot = this.worktrees.get(name);
    if (slot?.whole && this.#options.bug !== 'slot-reused-before-snapshot')
      this.setRef(`refs/claude-orchestrator/snapshots/${name}`, this.make(new Map(slot.files)));
  }

  /** What is in a slot is gone, and so is the slot. */
  lose(name: string): void {
    const slot = this.worktrees.get(name);
    if (!slot) return;
    if (this.#options.worksIn(name))
      this.#options.fail(new Broken('slot-is-idle', `the slot ${name} is taken away from its worker`));
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

function repositoryOf(git: SimulatedGit, options: GitOptions, process: Process): GitRepository {
  const { world } = options;
  const begin = async (kind: string, what: string, signal?: AbortSignal): Promise<void> => {
    await world.takes(`${kind} ${what}`, process, signal);
    await world.point(`${kind}/before`, process);
  };
  const changed = (from: Content, to: Content): ChangedFile[] =>
    [...to].flatMap(([id, work]) =>
      from.get(id)?.stamp === work.stamp ? [] : [{ path: `${id}.js`, change: 'added' }],
    );
  return {
    root: '/repository',
    head: async () => ({ commit: BASE, branch: 'main' }),
    dirtyPaths: async () => [],
    slots: slotsOf(git, options, process),
    async capture(worktree, from, ref, _message, signal): Promise<Capture> {
      await begin('capture', worktree, signal);
      const files = git.worktrees.get(worktree.replace('/worktrees/', ''))?.files;
      if (!files) throw new Error(`There is no worktree ${worktree}.`);
      const held = new Map(files);
      const commit = git.make(held);
      git.setRef(ref, commit);
      await world.point('capture/after', process);
      return { commit, tree: commit, files: changed(git.contentOf(from), held), oversized: undefined };
    },
    async merge(ours, theirs, message, signal): Promise<Merge> {
      await begin('merge', message, signal);
      const held = new Map([...git.contentOf(ours), ...git.contentOf(theirs)]);
      if (git.both(options.clashes, held)) return { ok: false, conflicts: ['shared.js'] };
      const commit = git.make(held);
      return { ok: true, commit, tree: commit };
    },
    async transplant({ result, from, onto, ref, message }, signal) {
      await begin('transplant', message, signal);
      const before = git.contentOf(from);
      const added = [...git.contentOf(result)].filter(([id, work]) => before.get(id)?.stamp !== work.stamp);
      const held = new Map([...git.contentOf(onto), ...added]);
      if (git.both(options.clashes, held)) return { ok: false, conflicts: ['shared.js'] };
      const commit = git.make(held);
      git.setRef(ref, commit);
      await world.point('transplant/after', process);
      return { ok: true, commit, tree: commit, files: changed(git.contentOf(onto), held) };
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
      const spoilt = git.both(options.spoils, held);
      return new Map(
        paths.flatMap((path) => {
          const work = held.get(path.replace(/\.js$/, ''));
          return work ? [[path, Buffer.from(spoilt ? 'broken' : work.how)] as const] : [];
        }),
      );
    },
    entries: async (treeish, paths) => {
      const held = git.contentOf(treeish);
      const there = paths.filter((path) => held.has(path.replace(/\.js$/, '')));
      return new Map(there.map((path) => [path, { kind: 'file', object: path, bytes: 5, target: undefined }] as const));
    },
    treeOf: async (commit) => commit,
    changedSharedCode: async () => new Map(),
    snapshotFiles: async () => {
      throw new Error('No run here starts from uncommitted changes.');
    },
    planInPlace: async () => ({ ok: false, reason: 'nothing', message: '', paths: [] }),
    planApply: async () => ({ ok: false, reason: 'nothing', message: '', paths: [] }),
    apply: async () => undefined,
  };
}
