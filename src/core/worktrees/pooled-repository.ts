import type { Logger } from '../ports/logger.ts';
import type { GitRepository, Repository } from '../ports/repository.ts';
import { WorktreePool } from './worktree-pool.ts';

/** The repository with worktrees that are used again. */
export function pooledRepository(git: GitRepository, logger: Logger): Repository {
  const { slots, ...rest } = git;
  const pool = new WorktreePool(slots, logger);
  return {
    ...rest,
    openWorktree: (name, base, signal) => pool.openWorktree(name, base, signal),
    closeWorktree: (name, signal) => pool.closeWorktree(name, signal),
    releaseWorktrees: (signal) => pool.releaseWorktrees(signal),
    sweepWorktrees: (needed, signal) => pool.sweepWorktrees(needed, signal),
  };
}
