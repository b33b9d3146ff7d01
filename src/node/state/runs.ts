import { readdirSync } from 'node:fs';
import { RunFold } from '../../core/journal/fold.ts';
import { explain } from '../../core/model/error.ts';
import type { RunState } from '../../core/model/run.ts';
import { folderFiles } from '../journal/files.ts';
import { JournalReader } from '../journal/reader.ts';
import { journalFolder, type StatePaths } from './paths.ts';

export interface UnreadableRun {
  readonly id: string;
  readonly problem: string;
}

export interface KnownRuns {
  /** Newest first. */
  readonly runs: RunState[];
  readonly unreadable: UnreadableRun[];
  /** Runs with a journal of which something was left out; of one in which nothing has happened yet this is all there is. */
  readonly cut: UnreadableRun[];
}

interface Followed {
  readonly fold: RunFold;
  readonly reader: JournalReader;
}

/**
 * The runs of a repository as their journals say. Each time only what has come since is read; the states are changed in
 * place.
 */
export class RunsReader {
  readonly #paths: StatePaths;
  readonly #followed = new Map<string, Followed>();

  constructor(paths: StatePaths) {
    this.#paths = paths;
  }

  read(): KnownRuns {
    const runs: RunState[] = [];
    const unreadable: UnreadableRun[] = [];
    const cut: UnreadableRun[] = [];
    const ids = runIds(this.#paths);
    for (const id of ids) {
      try {
        const state = this.#readOne(id);
        if (state) runs.push(state);
        for (const problem of this.#followed.get(id)?.reader.leftOut ?? []) cut.push({ id, problem });
      } catch (error) {
        unreadable.push({ id, problem: explain(error) });
      }
    }
    for (const id of this.#followed.keys()) if (!ids.includes(id)) this.#followed.delete(id);
    runs.sort((a, b) => b.createdAt - a.createdAt);
    return { runs, unreadable, cut };
  }

  /** One run; undefined where there is none, or where its journal has no event yet. Throws like `JournalReader`. */
  find(id: string): RunState | undefined {
    return runIds(this.#paths).includes(id) ? this.#readOne(id) : undefined;
  }

  #readOne(id: string): RunState | undefined {
    const { fold, reader } = this.#followed.get(id) ?? this.#follow(id);
    try {
      reader.catchUp();
    } catch (error) {
      // It may be mended: then it is read anew.
      this.#followed.delete(id);
      throw error;
    }
    return fold.hasBegun ? fold.state : undefined;
  }

  #follow(id: string): Followed {
    const fold = new RunFold();
    const followed = { fold, reader: new JournalReader(folderFiles(journalFolder(this.#paths, id)), fold) };
    this.#followed.set(id, followed);
    return followed;
  }
}

/** Runs that are looked at for earlier results. */
const EARLIER_RUNS = 20;

/** The newest runs of a repository but this one, newest first; what can't be read is left out. */
export function earlierRuns(paths: StatePaths, except: string): RunState[] {
  const reader = new RunsReader(paths);
  return newestRuns(paths, except, EARLIER_RUNS).flatMap((id) => {
    try {
      return reader.find(id) ?? [];
    } catch {
      return [];
    }
  });
}

/** Ids of at most so many runs of a repository, the newest first, without the run `except`. */
export function newestRuns(paths: StatePaths, except: string, count: number): string[] {
  // They begin with the time.
  const ids = runIds(paths).sort().reverse();
  return ids.filter((id) => id !== except).slice(0, count);
}

/** Every run of a repository, newest first, read from the journals themselves. */
export const readRuns = (paths: StatePaths): KnownRuns => new RunsReader(paths).read();

function runIds(paths: StatePaths): string[] {
  try {
    return readdirSync(paths.runs);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
