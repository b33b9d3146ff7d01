import { basename } from 'node:path';
import type { JournalRecord } from '../../core/model/events.ts';
import { folderFiles, type SegmentFiles } from './files.ts';
import { damaged, decodeSegment, hasBatchAfter, type SegmentHeader } from './segment.ts';

export interface JournalContents {
  readonly records: readonly JournalRecord[];
  /** The last segment that counts and where its valid part ends, which the next epoch seals; undefined for none. */
  readonly last: { readonly epoch: number; readonly validBytes: number } | undefined;
  /** Epoch of the next owner. */
  readonly nextEpoch: number;
  /** What was left out, for the log. */
  readonly warnings: readonly string[];
}

/**
 * Reads a whole journal. A damaged tail is left out with a warning; damage that later whole batches rest on throws
 * `journal-damaged` naming file and offset.
 */
export const readJournal = (folder: string): JournalContents => readSegments(folderFiles(folder));

/** The same for a journal whose files lie anywhere. */
export function readSegments(files: SegmentFiles): JournalContents {
  const epochs = files.epochs();
  const records: JournalRecord[] = [];
  const warnings: string[] = [];
  let last: JournalContents['last'];
  let seal: SegmentHeader['seals'] | undefined;
  // From the last to the first, as each segment says where the one before it ends.
  const parts: (readonly JournalRecord[])[] = [];
  for (const epoch of epochs.toReversed()) {
    if (seal === null) break;
    // Nobody sealed it: the next owner took over before it had written anything.
    if (seal && epoch > seal.epoch) continue;
    if (seal && epoch < seal.epoch) break;
    const file = files.nameOf(epoch);
    const limit = seal?.offset;
    const bytes = files.read(epoch);
    const segment = decodeSegment(file, bytes, limit);
    if (!segment) {
      // Its owner died while creating it, before any event.
      if (limit === undefined && !hasBatchAfter(bytes, 0)) {
        warnings.push(`${basename(file)} has no whole header and is left out.`);
        continue;
      }
      throw damaged(file, 0);
    }
    if (segment.damagedTail) {
      if (limit !== undefined || hasBatchAfter(bytes, segment.validBytes)) throw damaged(file, segment.validBytes);
      warnings.push(`${basename(file)}: what follows byte ${segment.validBytes} is no whole batch and is left out.`);
    }
    last ??= { epoch, validBytes: segment.validBytes };
    parts.push(segment.records);
    seal = segment.header.seals;
  }
  // What the last segment read rests on must be there.
  if (seal) throw damaged(files.nameOf(seal.epoch), 0);
  for (const part of parts.toReversed()) for (const record of part) records.push(record);
  return { records, last, nextEpoch: (epochs.at(-1) ?? 0) + 1, warnings };
}
