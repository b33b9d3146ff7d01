import { existsSync } from 'node:fs';
import { RunFold } from '../core/journal/fold.ts';
import { OrchestratorError } from '../core/model/error.ts';
import { type Repaired, repairJournal } from '../node/journal/repair.ts';
import { acquireLock } from '../node/state/lock.ts';
import { journalFolder, writingState } from '../node/state/paths.ts';
import { requireNoWorker } from '../node/state/removal.ts';
import { systemClock } from '../node/system.ts';
import type { Opened } from './opened.ts';

/** See `Host.repair`. */
export async function repairRun({ paths, options }: Opened, run: string): Promise<Repaired | undefined> {
  const folder = journalFolder(paths, run);
  if (run === '' || run.includes('/') || !existsSync(folder)) {
    throw new OrchestratorError('run-not-found', `There is no run "${run}" in this repository.`, {
      fix: 'See "claude-orchestrator status".',
    });
  }
  const lock = writingState(paths.locks, () => acquireLock(paths.locks, options.holder));
  try {
    // What a worker does is told by the events that would be forgotten.
    requireNoWorker(paths, [run]);
    return await repairJournal(folder, new RunFold(), systemClock.now());
  } finally {
    lock.release();
  }
}
