import type { RunContext } from '../context.ts';
import { tellsOfRoom } from '../journal/tells-of-room.ts';
import type { Budget } from '../model/budget.ts';
import { explain, OrchestratorError } from '../model/error.ts';
import type { RunEvent } from '../model/events.ts';
import { worktreeSetUp } from '../model/set-up.ts';

/** Others are ready before anybody asks what they wait for. */
const SLOW_MS = 1_000;

/** What a worktree is for. */
export interface Purpose {
  readonly subtask: string;
  /** What the attempt may use. */
  readonly budget: Budget;
}

/**
 * A worktree in which somebody can work, for an attempt at a subtask. The journal says what that waits for where it takes
 * a while. Throws `worktree-failed` or `setup-failed`.
 */
export async function readyWorktree(
  context: RunContext,
  id: string,
  base: string,
  signal: AbortSignal,
  purpose?: Purpose,
): Promise<string> {
  const onWait = tellsOfRoom(context, purpose ? [purpose.subtask] : []);
  const isReady = new AbortController();
  if (purpose) void sayWhenSlow(context, purpose, AbortSignal.any([signal, isReady.signal]));
  try {
    return await openAndPrepare(context, id, base, signal, onWait);
  } catch (error) {
    if (purpose) forgetWaits(context, purpose.subtask);
    throw error;
  } finally {
    isReady.abort();
  }
}

async function openAndPrepare(
  { repository, journal }: RunContext,
  id: string,
  base: string,
  signal: AbortSignal,
  onWait: (lack: string | undefined) => void,
): Promise<string> {
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

async function sayWhenSlow(
  { journal, clock }: RunContext,
  { subtask, budget }: Purpose,
  signal: AbortSignal,
): Promise<void> {
  try {
    await clock.sleep(SLOW_MS, signal);
    if (journal.state.subtasks.get(subtask)?.status === 'waiting')
      await journal.record({ type: 'subtask.preparing', subtask, budget: { ...budget } });
  } catch {
    // It was ready before, or nobody waits for it any more.
  }
}

/** Takes back what the journal says of a subtask's worktree that nobody makes any more. */
export function forgetWaits({ journal }: Pick<RunContext, 'journal'>, subtask: string): void {
  const { state } = journal;
  const events: RunEvent[] = [];
  if (state.subtasks.get(subtask)?.room !== undefined) events.push({ type: 'subtask.held', subtask, room: null });
  if (state.preparing.has(subtask)) events.push({ type: 'subtask.preparing', subtask, budget: null });
  if (events.length > 0) journal.record(...events).catch(() => undefined);
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
