import type { SubtaskFigures } from '../model/figures.ts';
import type { RunState } from '../model/run.ts';

/** What was done in this repository before. */
export interface History {
  /** Other runs of the repository, the newest first; not all of them where there are many. */
  earlierRuns(): Promise<readonly RunState[]>;
  /** What the subtasks of other runs took, those of the newest runs first; not of all where there are many. */
  figures(): Promise<readonly SubtaskFigures[]>;
}
