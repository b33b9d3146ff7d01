import type { JournalRecord } from '../../core/model/events.ts';
import type { Folding } from '../../core/ports/journal-store.ts';
import { folderFiles, type SegmentFiles } from './files.ts';
import { JournalReader } from './reader.ts';
import type { Position } from './snapshot.ts';

export interface JournalContents {
  readonly records: readonly JournalRecord[];
  /** See `JournalReader.position`. */
  readonly last: Position | undefined;
  /** Epoch of the next owner. */
  readonly nextEpoch: number;
  /** What was left out, for the log. */
  readonly warnings: readonly string[];
}

/** Every record of a journal, all in memory; throws like `JournalReader.catchUp`. */
export const readJournal = (folder: string): JournalContents => readSegments(folderFiles(folder));

/** The same for a journal whose files lie anywhere. */
export function readSegments(files: SegmentFiles): JournalContents {
  const records: JournalRecord[] = [];
  const collecting: Folding = {
    version: '',
    apply: (record) => records.push(record),
    image: () => records,
    restore: () => undefined,
    clear: () => records.splice(0),
  };
  const reader = new JournalReader(files, collecting, false);
  const warnings = reader.catchUp();
  return { records, last: reader.position, nextEpoch: reader.nextEpoch, warnings };
}
