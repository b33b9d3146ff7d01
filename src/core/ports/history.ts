import type { RunState } from '../model/run.ts';

/** What was done in this repository before. */
export interface History {
  /** Other runs of the repository, the newest first; not all of them where there are many. */
  earlierRuns(): Promise<readonly RunState[]>;
}
