import { basename } from 'node:path';
import { OrchestratorError } from '../../core/model/error.ts';
import { EVENTS_VERSION } from '../../core/model/event-versions.ts';
import type { Folding } from '../../core/ports/journal-store.ts';
import { ownIdentity } from '../process/identity.ts';
import { folderFiles, type SegmentFiles } from './files.ts';
import { JournalReader } from './reader.ts';
import type { SegmentHeader } from './segment.ts';
import type { Position } from './snapshot.ts';

export interface Repaired {
  /** File and byte at which the journal ends now. */
  readonly file: string;
  readonly offset: number;
  /** Events that are kept. */
  readonly events: number;
}

interface Whole {
  readonly position: Position;
  readonly events: number;
}

/**
 * Cuts a journal before its damage: a new segment seals it there, as a next owner would, and no byte is removed.
 * Resolves with undefined where nothing is damaged. Throws `journal-damaged` where nothing comes before the damage, and
 * `journal-newer` like a reader. Needs the repository's lock.
 *
 * @param folding reads the journal; holds what is left of it afterwards
 */
export async function repairJournal(folder: string, folding: Folding, now: number): Promise<Repaired | undefined> {
  const files = folderFiles(folder);
  if (!isDamaged(new JournalReader(files, folding))) return undefined;
  const whole = wholePart(files, folding);
  if (!whole) {
    throw new OrchestratorError('journal-damaged', `Nothing of the journal in ${folder} comes before its damage.`, {
      fix: 'Restore its files from a backup, or discard the run.',
    });
  }
  const { position, events } = whole;
  const epoch = (files.epochs().at(-1) ?? 0) + 1;
  const header: SegmentHeader = {
    ...{ segment: 1, events: EVENTS_VERSION, epoch, owner: ownIdentity(), createdAt: now },
    seals: position,
  };
  await files.sync(position.epoch);
  const segment = await files.create(epoch, Buffer.from(`${JSON.stringify(header)}\n`, 'utf8'));
  if (!segment) throw new OrchestratorError('repository-owned', 'Another process took over this run at this moment.');
  await segment.close();
  new JournalReader(files, folding).catchUp();
  return { file: basename(files.nameOf(position.epoch)), offset: position.offset, events };
}

function isDamaged(reader: JournalReader): boolean {
  try {
    reader.catchUp();
    return false;
  } catch (error) {
    if (error instanceof OrchestratorError && error.code === 'journal-damaged') return true;
    throw error;
  }
}

/** As much of the beginning as can be read; without segments at the end that nothing leads to any more. */
function wholePart(files: SegmentFiles, folding: Folding): Whole | undefined {
  for (const last of files.epochs().toReversed()) {
    const epochs = (): readonly number[] => files.epochs().filter((epoch) => epoch <= last);
    const reader = new JournalReader({ ...files, epochs }, folding, false);
    isDamaged(reader);
    const { position, lastSeq: events } = reader;
    if (position && events > 0) return { position, events };
  }
  return undefined;
}
