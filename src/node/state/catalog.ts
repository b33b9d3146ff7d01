import { statSync } from 'node:fs';
import { join } from 'node:path';
import { LowSync } from 'lowdb';
import { JSONFileSync } from 'lowdb/node';
import * as z from 'zod';
import { figuresOf, type SubtaskFigures, subtaskFiguresSchema } from '../../core/model/figures.ts';
import { journalSegments } from './observe.ts';
import type { StatePaths } from './paths.ts';
import { newestRuns, RunsReader } from './runs.ts';

const catalogSchema = z.strictObject({
  version: z.literal(1),
  /** By run id. */
  runs: z.record(
    z.string(),
    z.strictObject({
      /** The last segment of the run's journal and its size, when the figures were read from it. */
      stamp: z.string(),
      figures: z.array(subtaskFiguresSchema),
    }),
  ),
});

type Entries = z.infer<typeof catalogSchema>['runs'];

/** Older runs tell of other days. */
const RUNS_LEARNED_FROM = 50;

/**
 * What the subtasks of a repository's newest runs took, without the run `except`. A journal that has not changed is not
 * read again: its figures are kept in the catalog, a cache that is made anew from the journals where it is missing or
 * damaged, and done without where it can not be written.
 */
export function learnedFigures(paths: StatePaths, except: string): readonly SubtaskFigures[] {
  const file = new LowSync<unknown>(new JSONFileSync(join(paths.root, 'catalog.json')), {});
  const known = entriesIn(file);
  const reader = new RunsReader(paths);
  const entries: Entries = {};
  for (const id of newestRuns(paths, except, RUNS_LEARNED_FROM)) {
    const stamp = stampOf(paths, id);
    const kept = known[id];
    entries[id] = kept?.stamp === stamp ? kept : { stamp, figures: figuresIn(reader, id) };
  }
  if (Object.keys(entries).some((id) => entries[id] !== known[id])) {
    try {
      file.data = { version: 1, runs: entries };
      file.write();
    } catch {
      // The next one reads the journals again.
    }
  }
  return Object.values(entries).flatMap(({ figures }) => figures);
}

function entriesIn(file: LowSync<unknown>): Entries {
  try {
    file.read();
    return catalogSchema.safeParse(file.data).data?.runs ?? {};
  } catch {
    return {};
  }
}

function figuresIn(reader: RunsReader, id: string): SubtaskFigures[] {
  try {
    const run = reader.find(id);
    return run ? figuresOf(run) : [];
  } catch {
    return [];
  }
}

function stampOf(paths: StatePaths, id: string): string {
  const segment = journalSegments(paths, id).at(-1);
  if (segment === undefined) return '';
  return `${segment.slice(-'000001.ndjson'.length)} ${statSync(segment, { throwIfNoEntry: false })?.size ?? 0}`;
}
