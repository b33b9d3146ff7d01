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

/** Runs that are looked at for earlier results. */
const EARLIER_RUNS = 20;

/** The newest runs of a repository but this one, newest first; what can't be read is left out. */
export function earlierRuns(paths: StatePaths, except: string): RunState[] {
  const ids = runIds(paths).filter((id) => id !== except);
  // Names begin with the time.
  const newest = ids.sort().reverse().slice(0, EARLIER_RUNS);
  return newest.flatMap((id) => {
    try {
      const { records } = readJournal(journalFolder(paths, id));
      return records.length > 0 ? [RunFold.of(records).state] : [];
    } catch {
      return [];
    }
  });
}

function runIds(paths: StatePaths): string[] {
  try {
    return readdirSync(paths.runs);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
