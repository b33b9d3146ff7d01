import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { segmentHeaderSchema } from '../journal/segment.ts';
import { isAlive } from '../process/identity.ts';
import { readClaim, readExit } from '../supervisor/attempt-folder.ts';
import { attemptFolder, journalFolder, type StatePaths } from './paths.ts';

/** Longest first line of a segment. */
const HEADER_BYTES = 4_096;

/** A text that changes whenever a journal changes on disk, those of the runs in `except` left out; reads no journal. */
export function journalsStamp(paths: StatePaths, except: ReadonlySet<string>): string {
  return names(paths.runs)
    .filter((run) => !except.has(run))
    .map((run) => {
      const file = journalSegments(paths, run).at(-1);
      const size = file === undefined ? 0 : (statSync(file, { throwIfNoEntry: false })?.size ?? 0);
      return `${run} ${file ?? ''} ${size}`;
    })
    .join('\n');
}

/** Absolute paths of the segments of a run's journal, the oldest first. */
export function journalSegments(paths: StatePaths, run: string): readonly string[] {
  const folder = journalFolder(paths, run);
  return names(folder)
    .filter((name) => /^\d{6}\.ndjson$/.test(name))
    .map((name) => join(folder, name));
}

/** Whether the process that wrote to the run's journal last is another one than this, and still lives. */
export function isDrivenElsewhere(paths: StatePaths, run: string): boolean {
  const file = journalSegments(paths, run).at(-1);
  const header = file === undefined ? undefined : segmentHeaderSchema.safeParse(firstLine(file));
  if (header?.success !== true) return false;
  const { owner } = header.data;
  return owner.pid !== process.pid && isAlive(owner);
}

/** Whether the supervisor of the attempt lives. */
export function attemptIsAlive(paths: StatePaths, run: string, attempt: string): boolean {
  const folder = attemptFolder(paths, run, attempt);
  try {
    const claim = readClaim(folder);
    return claim?.by === 'supervisor' && readExit(folder) === undefined && isAlive(claim.owner);
  } catch {
    return false;
  }
}

function firstLine(file: string): unknown {
  try {
    const descriptor = openSync(file, 'r');
    try {
      const buffer = Buffer.alloc(HEADER_BYTES);
      const bytes = readSync(descriptor, buffer, 0, HEADER_BYTES, 0);
      return JSON.parse(buffer.toString('utf8', 0, bytes).split('\n', 1)[0] ?? '');
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
