import type { ChangedFile } from '../../src/core/model/events.ts';
import type { Capture, Merge, Repository } from '../../src/core/ports/repository.ts';
import { Broken } from './broken.ts';
import type { PlantedBug } from './planted-bug.ts';
import type { Process, World } from './world.ts';

/** A subtask's work; each time a worker writes it, it gets another stamp. */
export interface Work {
  readonly how: 'whole' | 'broken';
  readonly stamp: number;
}

/** What a commit or a worktree holds, by subtask. */
type Content = ReadonlyMap<string, Work>;

export const BASE = 'f'.repeat(40);

export interface GitOptions {
  readonly world: World;
  readonly bug: PlantedBug | undefined;
  /** Pairs of subtasks, "a+b", whose works conflict or break each other. */
  readonly clashes: readonly string[];
  readonly spoils: readonly string[];
  onMoveRef(ref: string, next: string): void;
  fail(broken: Broken): void;
}

/** Objects, refs and worktrees: what outlives every process. Commits are sets of subtasks' works. */
export class SimulatedGit {
  readonly refs = new Map<string, string>();
  /** Slot → its base and what is in it. */
  readonly worktrees = new Map<string, Map<string, Work>>();
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
    this.worktrees.get(path.replace('/worktrees/', ''))?.set(subtask, { how, stamp: this.#stamps });
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

  snapshot(slot: string): void {
    const held = this.worktrees.get(slot);
    if (held && this.#options.bug !== 'slot-reused-before-snapshot')
      this.setRef(`refs/claude-orchestrator/snapshots/${slot}`, this.make(new Map(held)));
  }

  drop(slot: string): void {
    for (const [subtask, { stamp }] of this.worktrees.get(slot) ?? []) {
      if (!this.#kept.has(stamp))
        this.#options.fail(new Broken('snapshot-before-reuse', `what ${subtask} left in the slot ${slot} is lost`));
    }
    this.worktrees.delete(slot);
  }

  /** The repository as one process sees it. */
  for(process: Process): Repository {
    return repositoryOf(this, this.#options, process);
  }
}

function repositoryOf(git: SimulatedGit, options: GitOptions, process: Process): Repository {
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
    async openWorktree(slot, from, signal) {
      await begin('open-worktree', slot, signal);
      git.snapshot(slot);
      git.drop(slot);
      git.worktrees.set(slot, new Map(git.contentOf(from)));
      await world.point('open-worktree/after', process);
      return `/worktrees/${slot}`;
    },
    slots: async () => [...git.worktrees.keys()],
    async closeWorktree(slot) {
      await begin('close-worktree', slot);
      git.snapshot(slot);
      await world.point('close-worktree/between', process);
      git.drop(slot);
      await world.point('close-worktree/after', process);
    },
    async capture(worktree, from, ref, _message, signal): Promise<Capture> {
      await begin('capture', worktree, signal);
      const files = git.worktrees.get(worktree.replace('/worktrees/', ''));
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
