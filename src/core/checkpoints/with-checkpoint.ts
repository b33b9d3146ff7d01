import { Detached } from '../context.ts';
import type { Journal } from '../journal/journal.ts';
import type { CheckpointData } from '../model/checkpoint.ts';
import { explain } from '../model/error.ts';

export interface Opening {
  /** Its id in the run is `@NAME`. One that an earlier owner of the run left open is gone on with. */
  readonly name: string;
  /** What a person reads. */
  readonly title: string;
  /** Id of the checkpoint it lies in; left out: the run. */
  readonly parent?: string;
  readonly data?: CheckpointData;
}

/**
 * Does something within a checkpoint: opened before, completed when `work` resolves, failed when it throws or is
 * cancelled, with the reason. It stays open when the run goes on without this process, so that a resume finds it so.
 */
export async function withCheckpoint<T>(
  journal: Journal,
  opening: Opening,
  work: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const checkpoint = `@${opening.name}`;
  if (journal.state.checkpoints.get(checkpoint)?.state !== 'ACTIVE') {
    const { title, parent = '', data } = opening;
    await journal.record({ type: 'checkpoint.opened', checkpoint, parent, title, ...(data ? { data } : {}) });
  }
  let result: T;
  try {
    result = await work();
  } catch (error) {
    const goesOn = error instanceof Detached || (signal.aborted && signal.reason instanceof Detached);
    if (!goesOn)
      await journal.record({ type: 'checkpoint.closed', checkpoint, state: 'FAILED', reason: explain(error) });
    throw error;
  }
  await journal.record({ type: 'checkpoint.closed', checkpoint, state: 'COMPLETED' });
  return result;
}
