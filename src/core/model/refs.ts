/** Ref that keeps what a run starts from. */
export const baseRef = (run: string): string => `refs/claude-orchestrator/runs/${run}/base`;

/** Message of a commit of the person's files that a run starts from. */
export const snapshotMessage = (run: string): string => `Snapshot of the working tree for run ${run}`;

/** Ref that keeps what the run's checks left in their worktree. */
export const checkRef = (run: string): string => `refs/claude-orchestrator/runs/${run}/checks`;

/** Ref that keeps what an attempt's worker left after a turn. */
export const turnRef = (run: string, attempt: string, turn: number): string =>
  `refs/claude-orchestrator/runs/${run}/attempts/${attempt}/${turn}`;
