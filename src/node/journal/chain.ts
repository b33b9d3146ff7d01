import { basename } from 'node:path';
import type { SegmentFiles } from './files.ts';
import { damaged, hasBatchAfter, headerOf } from './segment.ts';
import { Window } from './window.ts';

/** A segment that counts. */
export interface Part {
  readonly epoch: number;
  /** Version of its events. */
  readonly version: number;
  /** The code that wrote them; undefined: unknown. */
  readonly by: string | undefined;
  /** Where its batches begin, and where the next owner sealed it; undefined for the last. */
  readonly from: number;
  readonly seal: number | undefined;
}

export interface Chain {
  /** The oldest first. */
  readonly parts: readonly Part[];
  /** Epoch of the next owner. */
  readonly nextEpoch: number;
  readonly warnings: readonly string[];
}

/**
 * Which segments count, from the last to the first, as each says where the one before it ends. Throws `journal-damaged`
 * where one is missing, shorter than its seal says, or without a whole header though events follow.
 */
export function readChain(files: SegmentFiles): Chain {
  const epochs = files.epochs();
  const parts: Part[] = [];
  const warnings: string[] = [];
  let seal: { readonly epoch: number; readonly offset: number } | null | undefined;
  for (const epoch of epochs.toReversed()) {
    if (seal === null) break;
    // Nobody sealed it: the next owner took over before it had written anything.
    if (seal && epoch > seal.epoch) continue;
    if (seal && epoch < seal.epoch) break;
    const size = files.size(epoch);
    if (seal && seal.offset > size) throw damaged(files.nameOf(epoch), size);
    const found = headerOf(files, epoch);
    if (!found) {
      // Its owner died while creating it, before any event.
      if (seal || hasBatchAfter(new Window(files, epoch, size), 0)) throw damaged(files.nameOf(epoch), 0);
      warnings.push(`${basename(files.nameOf(epoch))} has no whole header and is left out.`);
      continue;
    }
    if (found.header.epoch !== epoch) throw damaged(files.nameOf(epoch), 0);
    const { events: version, by } = found.header;
    parts.push({ epoch, version, by, from: found.end, seal: seal?.offset });
    seal = found.header.seals;
  }
  // What the last segment read rests on must be there.
  if (seal) throw damaged(files.nameOf(seal.epoch), 0);
  return { parts: parts.reverse(), nextEpoch: (epochs.at(-1) ?? 0) + 1, warnings };
}
