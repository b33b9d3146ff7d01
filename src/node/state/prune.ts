import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { archiveFile } from '../claude/sessions.ts';
import { ALL_REFS, type Traces } from '../git/traces.ts';
import { journalSegments } from './observe.ts';
import { type StatePaths, sessionsFolder } from './paths.ts';

/** Of one turn, see `KeptTurn`. */
interface Turn {
  readonly run: string;
  readonly ref: string;
  readonly archive: string | undefined;
}

export interface Prunable {
  /** Git refs, full names. */
  readonly refs: readonly string[];
  /** Absolute paths of archived sessions and of folders of runs that never began. */
  readonly paths: readonly string[];
}

/**
 * What is there of the turns that go, and of runs whose making was broken off: refs and folders without a journal.
 * Needs the lock, since a run that is being made looks the same.
 */
export async function prunable(
  paths: StatePaths,
  traces: Pick<Traces, 'refs'>,
  { remove, keep }: { readonly remove: readonly Turn[]; readonly keep: readonly Turn[] },
  /** Runs that are there, readable or not, and the one that is being made. */
  known: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Prunable> {
  const begun = brokenOff(paths, known);
  const there = await traces.refs(`${ALL_REFS}/runs`, signal);
  const going = new Set(remove.map(({ ref }) => ref));
  // A run that is not known here may be one of another state folder.
  const broken = new Set(begun);
  const refs = there.filter((ref) => going.has(ref) || broken.has(ref.split('/')[3] ?? ''));
  const file = ({ run, archive }: Turn): string[] =>
    archive === undefined ? [] : [archiveFile(sessionsFolder(paths, run), archive)];
  const needed = new Set(keep.flatMap(file));
  const archives = new Set(remove.flatMap(file).filter((path) => !needed.has(path) && existsSync(path)));
  return { refs, paths: [...archives, ...begun.map((run) => join(paths.runs, run))] };
}

/** Runs whose making was broken off before they began. One that has attempts had begun, whatever its journal says. */
export function brokenOff(paths: StatePaths, known: ReadonlySet<string>): string[] {
  return names(paths.runs).filter(
    (run) =>
      !known.has(run) &&
      journalSegments(paths, run).length <= 1 &&
      names(join(paths.runs, run, 'attempts')).length === 0,
  );
}

export async function prune(traces: Pick<Traces, 'removeRefs'>, what: Prunable, signal: AbortSignal): Promise<void> {
  await traces.removeRefs(what.refs, signal);
  for (const path of what.paths) await rm(path, { recursive: true, force: true, maxRetries: 3 });
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
