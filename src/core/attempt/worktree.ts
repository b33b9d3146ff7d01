import type { RunContext } from '../context.ts';
import { explain, OrchestratorError } from '../model/error.ts';
import { worktreeSetUp } from '../model/set-up.ts';

/** A worktree in which somebody can work, for an attempt at this subtask. Throws `worktree-failed` or `setup-failed`. */
export async function readyWorktree(
  { repository, journal }: RunContext,
  id: string,
  base: string,
  signal: AbortSignal,
  subtask?: string,
) {
  const onWait = (lack: string | undefined): void => {
    if (subtask === undefined || journal.state.subtasks.get(subtask)?.room === lack) return;
    // Whoever needs the journal hears of its failure as well.
    journal.record({ type: 'subtask.held', subtask, room: lack ?? null }).catch(() => undefined);
  };
  const worktree = await repository.openWorktree(id, base, signal, onWait).catch((cause: unknown) => {
    if (signal.aborted) throw cause;
    throw new OrchestratorError('worktree-failed', `No worktree could be made for it: ${explain(cause)}`, {
      cause,
      fix: 'Look at the disk and the state folder, then run the plan again.',
    });
  });
  try {
    await repository.prepareWorktree(worktree, worktreeSetUp(journal.state.settings), signal);
  } catch (cause) {
    await repository.closeWorktree(id);
    if (signal.aborted || (cause instanceof OrchestratorError && cause.code === 'setup-failed')) throw cause;
    throw new OrchestratorError('setup-failed', `Its worktree could not be made ready: ${explain(cause)}`, { cause });
  }
  return worktree;
}

/** Closes an attempt's worktree; one that can't be removed now is an orphan that the next owner removes. */
export async function closeWorktree({ repository, logger }: RunContext, id: string): Promise<void> {
  await repository.closeWorktree(id).catch((error: unknown) => {
    // Nothing in it is lost: the next run in this repository tries again.
    if (!isOfFiles(error)) throw error;
    logger.warn(`The worktree of ${id} could not be removed: ${explain(error)}`);
  });
}

/** Whether git or the system could not do something with files; the journal's own failures are another matter. */
export function isOfFiles(error: unknown): boolean {
  if (error instanceof OrchestratorError) return error.code === 'git-failed';
  return error instanceof Error && 'syscall' in error;
}
