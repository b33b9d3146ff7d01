import { integrationRef } from '../integration/integration-ref.ts';
import type { Journal } from '../journal/journal.ts';
import { OrchestratorError } from '../model/error.ts';
import { baseRef, turnRef } from '../model/refs.ts';
import type { Repository } from '../ports/repository.ts';
import type { Sessions } from '../ports/sessions.ts';
import type { RestoredRun } from './restored-run.ts';

/**
 * Begins a restored run: first what keeps its files and sessions, then its journal with one batch. So a crash leaves
 * either a whole run or none. Throws `wrong-use` when the files of the checkpoint are gone.
 */
export async function beginRestored(
  {
    journal,
    repository,
    sessions,
  }: { journal: Pick<Journal, 'record'>; repository: Repository; sessions: Pick<Sessions, 'adopt'> },
  run: string,
  { events, source, integrated, kept, sessions: archived }: RestoredRun,
  signal: AbortSignal,
): Promise<void> {
  const refs: [string, string][] = [
    [baseRef(run), source.base],
    [integrationRef(run), integrated],
    ...kept.map(({ attempt, turn, commit }): [string, string] => [turnRef(run, attempt, turn), commit]),
  ];
  for (const [ref, commit] of refs) {
    await repository.treeOf(commit, signal).catch((cause: unknown) => {
      signal.throwIfAborted();
      const message = `The files of that checkpoint of ${source.id} are gone (commit ${commit}).`;
      throw new OrchestratorError('wrong-use', message, { cause, fix: 'Restore another checkpoint.' });
    });
    await repository.moveRef(ref, commit, null, signal);
  }
  await sessions.adopt(source.id, archived);
  await journal.record(...events);
}
