import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { type FileHandle, link, open, rm } from 'node:fs/promises';
import { draftOf } from '../process/drafts.ts';
import { segmentFile } from './segment.ts';

/** The files of one journal, by epoch; in a folder, or in the memory of a simulation. */
export interface SegmentFiles {
  /** Epochs of the segments that are there, ascending. */
  epochs(): readonly number[];
  read(epoch: number): Buffer;
  /** Path for a message. */
  nameOf(epoch: number): string;
  /** Resolves when all that can be read of a segment outlives a power loss. */
  sync(epoch: number): Promise<void>;
  /**
   * Creates a segment with its first bytes, durably: it appears with them or not at all, so that nobody takes one that
   * is being made for a dead owner's. Resolves with undefined when it is there already.
   */
  create(epoch: number, first: Buffer): Promise<OpenSegment | undefined>;
}

/** A segment that its owner writes to. */
export interface OpenSegment {
  append(bytes: Buffer): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The journal in a folder, which need not be there for reading. */
export function folderFiles(folder: string): SegmentFiles {
  return {
    epochs: () => epochsIn(folder),
    read: (epoch) => readFileSync(segmentFile(folder, epoch)),
    nameOf: (epoch) => segmentFile(folder, epoch),
    // Opened for writing, without which Windows syncs nothing.
    sync: (epoch) => syncPath(segmentFile(folder, epoch), 'r+'),
    create: (epoch, first) => create(folder, segmentFile(folder, epoch), first),
  };
}

async function create(folder: string, path: string, first: Buffer): Promise<OpenSegment | undefined> {
  const draft = draftOf(`${path}.${randomUUID()}`);
  let file: FileHandle | undefined;
  try {
    file = await open(draft, 'wx', 0o600);
    await file.appendFile(first);
    await file.sync();
    await link(draft, path);
    // So that the new name outlives a power cut; not every system can do it.
    if (process.platform !== 'win32') await syncPath(folder, 'r');
    return openSegment(file);
  } catch (error) {
    await file?.close().catch(() => undefined);
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

function openSegment(file: FileHandle): OpenSegment {
  return {
    append: (bytes) => file.appendFile(bytes),
    sync: () => file.datasync(),
    close: () => file.close(),
  };
}

async function syncPath(path: string, flags: string): Promise<void> {
  const file = await open(path, flags);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

function epochsIn(folder: string): number[] {
  try {
    const names = readdirSync(folder).map((name) => /^(\d{6})\.ndjson$/.exec(name)?.[1]);
    return names.flatMap((epoch) => (epoch === undefined ? [] : [Number(epoch)])).sort((a, b) => a - b);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
