import type { Broken } from './broken.ts';
import type { PlantedBug } from './planted-bug.ts';
import type { World } from './world.ts';

/** A subtask's work; each time a worker writes it, it gets another stamp. */
export interface Work {
  /** `marked`: with the markers of a conflict, in a file of which there is no parser. */
  readonly how: 'whole' | 'broken' | 'marked';
  readonly stamp: number;
  /** What lay in the worktree when its worker began; with its own id, it is a result that came back. */
  readonly knows: ReadonlySet<string>;
}

/** What a commit or a worktree holds, by subtask. */
export type Content = ReadonlyMap<string, Work>;

export interface GitOptions {
  readonly world: World;
  readonly bug: PlantedBug | undefined;
  /** Pairs of subtasks, "a+b", whose works conflict or break each other until one is made knowing the other. */
  readonly clashes: readonly string[];
  readonly spoils: readonly string[];
  /** The same for the project's check; "a" alone fails it until it is made anew. */
  readonly breaks: readonly string[];
  /** Subtasks whose workers never get that right. */
  readonly stubborn: readonly string[];
  onMoveRef(ref: string, next: string): void;
  /** Whether a worker lives whose attempt has this name. */
  worksIn(slot: string): boolean;
  /** Whether the journal says that somebody needs what is in it: an attempt that has not ended, or a person. */
  isNeeded(slot: string): boolean;
  /** Whether any worker lives, so that a worktree will be given back. */
  anyWorks(): boolean;
  onNoRoom(): void;
  fail(broken: Broken): void;
}
