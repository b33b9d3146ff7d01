/** A worktree that exists, whole or not. */
export interface Slot {
  /** Name of whoever works in it: an attempt, or what a tree is checked for. */
  readonly name: string;
  /** Another process than this one made it, and that very process still lives. */
  readonly heldElsewhere: boolean;
}

/**
 * The worktrees of a repository, one step at a time. Every step can be done again after it was cut off at any moment,
 * and none of them decides whether what is in a slot is still needed: that is the pool's part. A slot that does not
 * exist is fine for `snapshot` and `remove`. All throw an OrchestratorError `git-failed`, or what the system says.
 */
export interface Slots {
  /** Whether this system can tell that nothing runs in a folder. Where it can't, no slot is used twice. */
  readonly reusable: boolean;
  /** All slots, those included of which only a part is left. */
  list(): Promise<readonly Slot[]>;
  /** Whether the slot's folder is there: whoever has the disk may have removed it. */
  isThere(name: string): Promise<boolean>;
  /** Why no slot should be made now, one sentence: what is kept for the repository uses more of the disk than allowed. */
  lackOfRoom(quotaBytes: number, signal: AbortSignal): Promise<string | undefined>;
  /** Makes a slot of this name with the files of `base`. Nothing of that name may be there. Its absolute path. */
  make(name: string, base: string, signal: AbortSignal): Promise<string>;
  /**
   * Keeps everything that is in the slot under `refs/claude-orchestrator/snapshots/…`, on disk when this resolves,
   * unless a ref leads to it already. Ignored files are not part of it.
   */
  snapshot(name: string, signal: AbortSignal): Promise<void>;
  /** Whether no process works in the slot, neither one that its attempt started nor any other. */
  isIdle(name: string): Promise<boolean>;
  /**
   * Gives the slot another name and the files of `base`, nothing else. Nobody finds it under its former name or path
   * any more, so no session of the former attempt goes on in it; the same name is fine where no session is. What was in it is gone. Its new absolute path, or
   * undefined when anything about it is in doubt: both names are to be removed then.
   */
  turnInto(former: string, name: string, base: string, signal: AbortSignal): Promise<string | undefined>;
  /** This process holds the slot from now on. */
  hold(name: string): Promise<void>;
  /** Removes the slot and all that git knows about it. */
  remove(name: string, signal: AbortSignal): Promise<void>;
}
