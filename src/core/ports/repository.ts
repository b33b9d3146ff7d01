import type { ChangedFile } from '../model/event-fields.ts';
import type { Oversized } from '../model/result-size.ts';
import type { Application } from '../model/run.ts';
import type { Slots } from './slots.ts';

export interface HeadState {
  readonly commit: string;
  /** null: detached. */
  readonly branch: string | null;
}

/** What lies at a path of a tree. */
export interface TreeEntry {
  readonly kind: 'file' | 'link' | 'submodule';
  /** Id of its content. */
  readonly object: string;
  readonly bytes: number;
  /** Where a link leads, as it is written in the link. */
  readonly target: string | undefined;
}

export interface Capture {
  /** A commit whose only parent is the base given. */
  readonly commit: string;
  readonly tree: string;
  readonly files: readonly ChangedFile[];
  /** What is too large to be taken: git has not stored it. Undefined where all is taken. */
  readonly oversized: Oversized | undefined;
}

export type Merge =
  | { readonly ok: true; readonly commit: string; readonly tree: string }
  /** `commit` is the merge with markers in the files that conflict. */
  | { readonly ok: false; readonly conflicts: readonly string[]; readonly commit: string };

export type ApplyPlan =
  | {
      readonly ok: true;
      /** Only files are written, beside the person's uncommitted changes; the branch stays where it is. */
      readonly inPlace?: true;
      readonly branch: string;
      readonly from: string;
      readonly to: string;
      readonly files: readonly ChangedFile[];
    }
  | {
      readonly ok: false;
      readonly reason: 'detached' | 'conflicts' | 'in-the-way' | 'nothing';
      readonly message: string;
      readonly paths: readonly string[];
      /** All of it is there by an apply that nobody could tell of: who made it was killed. To apply it is to tell of it. */
      readonly isApplied?: true;
    };

/** Folders with the files of a commit, one for each attempt and whoever else needs one. */
export interface Worktrees {
  /**
   * Makes a worktree of `base` for `name` and returns its absolute path, which no other name ever has: the CLI ties
   * sessions to it. It may be one that was closed before, or the one of that very name. What lay there is kept first.
   * `onWait` is told why there is no room for it as long as that is so, one sentence, and with undefined once there is.
   */
  openWorktree(
    name: string,
    base: string,
    signal: AbortSignal,
    onWait?: (lack: string | undefined) => void,
  ): Promise<string>;
  /** Gives a worktree back. What is in it is kept under `refs/claude-orchestrator/snapshots/…` before it is lost. */
  closeWorktree(name: string): Promise<void>;
  /** Whether the worktree of `name` is there: whoever has a disk may have removed it. */
  hasWorktree(name: string): Promise<boolean>;
  /** Removes what was closed and is not in use again. */
  releaseWorktrees(): Promise<void>;
  /**
   * For a new owner of the repository: takes over the worktrees that are needed and removes all others, except those
   * of another process that lives. What is in them is kept first. From then on no worktree is made while all that is
   * kept for the repository uses more than `quotaBytes` of the disk: whoever wants one waits for another to be closed.
   */
  sweepWorktrees(needed: ReadonlySet<string>, quotaBytes: number): Promise<void>;
}

/** How a worktree is made ready for work. */
export interface WorktreeSetUp {
  /** Commands as argument arrays, run in the worktree one after the other. */
  readonly commands: readonly (readonly string[])[];
  /** Wall time that they may use together. */
  readonly minutes: number;
  /** Folders of the person's, relative to the repository, of which the worktree gets a copy. */
  readonly copyFolders: readonly string[];
  /** The same, but a link to the person's own. */
  readonly linkFolders: readonly string[];
}

/** What git itself offers; a pool turns its slots into worktrees. */
export type GitRepository = Omit<Repository, keyof Worktrees> & { readonly slots: Slots };

export interface TransplantOrder {
  /** The changes of this commit … */
  readonly result: string;
  /** … since this one … */
  readonly from: string;
  /** … on this one. */
  readonly onto: string;
  readonly ref: string;
  readonly message: string;
}

export type Transplant =
  | ({ readonly ok: true } & Omit<Capture, 'oversized'>)
  | Omit<Extract<Merge, { ok: false }>, 'commit'>;

/**
 * The git repository of a run. Nothing here but `runCommitHooks` runs hooks, and nothing signs, prompts or collects garbage, and only `apply` touches
 * the person's own working tree, index or branch. Every method throws an OrchestratorError with code `git-failed`
 * naming the git command and its message when git itself fails.
 */
export interface Repository extends Worktrees {
  /** Top folder of the person's working tree. */
  readonly root: string;
  head(signal: AbortSignal): Promise<HeadState>;
  /**
   * Makes a worktree ready: copies what `.worktreeinclude` and `setUp` name, then runs the commands, unless a former
   * set-up of the same inputs is still whole there. What it puts there is never part of a result. Throws `setup-failed`
   * naming the command and its log.
   */
  prepareWorktree(worktree: string, setUp: WorktreeSetUp, signal: AbortSignal): Promise<void>;
  /** Paths with uncommitted changes, untracked files included. */
  dirtyPaths(signal: AbortSignal): Promise<readonly string[]>;
  /**
   * Captures the files of a worktree as a commit on `base` by a temporary index, whatever the worker did to HEAD or the
   * index: tracked and untracked, not ignored, and what is too large for a result left out before git stores it. Keeps it
   * reachable under `ref`.
   */
  capture(worktree: string, base: string, ref: string, message: string, signal: AbortSignal): Promise<Capture>;
  /**
   * What was changed since the slot's worktree was opened and makes later git commands of the person run code: hooks and
   * settings of the repository, which all worktrees share. Whoever changed them, this worker or another. Name → what
   * tells its content from any other.
   */
  changedSharedCode(slot: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
  /** Merges two commits without a working tree. The result has both as parents, or is the one that contains the other. */
  merge(ours: string, theirs: string, message: string, signal: AbortSignal): Promise<Merge>;
  /** The changes between two commits as a commit on a third, its only parent, kept reachable under `ref`. */
  transplant(order: TransplantOrder, signal: AbortSignal): Promise<Transplant>;
  /** Every file of a commit or tree: path → what tells its content and kind from any other. */
  listFiles(treeish: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
  /** Moves `ref` from `old` (null: it must not exist) to `next`, or throws when it is elsewhere. */
  moveRef(ref: string, next: string, old: string | null, signal: AbortSignal): Promise<void>;
  readRef(ref: string, signal: AbortSignal): Promise<string | undefined>;
  changedFiles(from: string, to: string, signal: AbortSignal): Promise<readonly ChangedFile[]>;
  /** Contents of files in a commit or tree; paths that are missing there, links or submodules are left out. */
  readFiles(treeish: string, paths: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Uint8Array>>;
  /** What lies at these paths of a commit or tree, contents aside; missing paths are left out. */
  entries(treeish: string, paths: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, TreeEntry>>;
  treeOf(commit: string, signal: AbortSignal): Promise<string>;
  /**
   * Commits the person's files as they are (untracked ones included, ignored ones not) on top of HEAD and keeps that
   * under `ref`; touches neither their index nor a file. HEAD itself where nothing is uncommitted.
   */
  snapshotFiles(ref: string, message: string, signal: AbortSignal): Promise<string>;
  /** For a result made on a snapshot: what writing its files beside the uncommitted changes would do now. */
  planInPlace(result: string, snapshot: string, signal: AbortSignal): Promise<ApplyPlan>;
  /** Works out one commit with the run's changes on top of the person's branch as it is now, or what stands in the way. */
  planApply(result: string, base: string, message: string, signal: AbortSignal): Promise<ApplyPlan>;
  /**
   * Runs the person's own hooks of a commit (pre-commit, commit-msg) in a worktree that has the files of `to`. Resolves
   * with the commit to apply: another one where a hook changed its message. Throws `apply-blocked` where a hook fails or
   * changes files; the person's branch, index and files are not touched.
   */
  runCommitHooks(
    worktree: string,
    plan: { readonly from: string; readonly to: string },
    signal: AbortSignal,
  ): Promise<string>;
  /** Brings the person's branch and files from `from` to `to`: all or nothing. */
  apply(plan: Extract<ApplyPlan, { ok: true }>, signal: AbortSignal): Promise<void>;
  /**
   * Brings branch, index and files back to what they were before this was applied, whatever is changed or staged
   * elsewhere. Throws `undo-blocked` when the person has gone on since; nothing is changed then.
   */
  undo(application: Application, signal: AbortSignal): Promise<void>;
}
