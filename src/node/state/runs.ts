import { readdirSync } from 'node:fs';
import { RunFold } from '../../core/journal/fold.ts';
import { explain } from '../../core/model/error.ts';
import type { RunState } from '../../core/model/run.ts';
import { readJournal } from '../journal/read.ts';
import { journalFolder, type StatePaths } from './paths.ts';

export interface UnreadableRun {
  readonly id: string;
  readonly problem: string;
}

/** Every run of a repository, newest first, read from the journals themselves. */
export function readRuns(paths: StatePaths): { runs: RunState[]; unreadable: UnreadableRun[] } {
  const runs: RunState[] = [];
  const unreadable: UnreadableRun[] = [];
  for (const id of runIds(paths)) {
    try {
      const { records } = readJournal(journalFolder(paths, id));
      if (records.length > 0) runs.push(RunFold.of(records).state);
    } catch (error) {
      unreadable.push({ id, problem: explain(error) });
    }
  }
  runs.sort((a, b) => b.createdAt - a.createdAt);
  return { runs, unreadable };
}

function runIds(paths: StatePaths): string[] {
  try {
    return readdirSync(paths.runs);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
