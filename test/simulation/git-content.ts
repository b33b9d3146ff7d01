import type { Broken } from './broken.ts';
import type { PlantedBug } from './planted-bug.ts';
import type { World } from './world.ts';

/** A subtask's work; each time a worker writes it, it gets another stamp. */
export interface Work {
  readonly how: 'whole' | 'broken';
  readonly stamp: number;
}

/** What a commit or a worktree holds, by subtask. */
export type Content = ReadonlyMap<string, Work>;

export interface GitOptions {
  readonly world: World;
  readonly bug: PlantedBug | undefined;
  /** Pairs of subtasks, "a+b", whose works conflict or break each other. */
  readonly clashes: readonly string[];
  readonly spoils: readonly string[];
  onMoveRef(ref: string, next: string): void;
  /** Whether a worker lives whose attempt has this name. */
  worksIn(slot: string): boolean;
  fail(broken: Broken): void;
}
