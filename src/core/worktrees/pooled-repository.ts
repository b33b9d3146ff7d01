import type { Logger } from '../ports/logger.ts';
import type { GitRepository, Repository } from '../ports/repository.ts';
import { WorktreePool } from './worktree-pool.ts';

/** The repository with worktrees that are used again. */
export function pooledRepository(git: GitRepository, logger: Logger): Repository {
  const { slots, ...rest } = git;
  const pool = new WorktreePool(slots, logger);
  return {
    ...rest,
    openWorktree: (name, base, signal, onWait) => pool.openWorktree(name, base, signal, onWait),
    closeWorktree: (name) => pool.closeWorktree(name),
    hasWorktree: (name) => pool.hasWorktree(name),
    releaseWorktrees: () => pool.releaseWorktrees(),
    sweepWorktrees: (needed, quotaBytes) => pool.sweepWorktrees(needed, quotaBytes),
  };
}
