import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { type FileHandle, link, mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { draftOf } from '../process/drafts.ts';
import type { Artefacts } from './artefacts.ts';

const SNAPSHOT = 'snapshot';

/** The files of one journal, by epoch; in a folder, or in the memory of a simulation. */
export interface SegmentFiles {
  /** Epochs of the segments that are there, ascending. */
  epochs(): readonly number[];
  /** Length of a segment in bytes. */
  size(epoch: number): number;
  /** Bytes of a segment, the end exclusive; fewer where it is shorter. */
  read(epoch: number, from: number, to: number): Buffer;
  /** Path for a message. */
  nameOf(epoch: number): string;
  /** Resolves when all that can be read of a segment outlives a power loss. */
  sync(epoch: number): Promise<void>;
  /**
   * Creates a segment with its first bytes, durably: it appears with them or not at all, so that nobody takes one that
   * is being made for a dead owner's. Resolves with undefined when it is there already.
   */
  create(epoch: number, first: Buffer): Promise<OpenSegment | undefined>;
  /** The last snapshot; undefined when there is none. */
  snapshot(): Buffer | undefined;
  /** Replaces the snapshot, durably: the new one appears whole or not at all. */
  saveSnapshot(bytes: Buffer): Promise<void>;
  readonly artefacts: Artefacts;
}

/** A segment that its owner writes to. */
export interface OpenSegment {
  append(bytes: Buffer): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export const segmentFile = (folder: string, epoch: number): string =>
  join(folder, `${String(epoch).padStart(6, '0')}.ndjson`);

/** The journal in a folder, which need not be there for reading. */
export function folderFiles(folder: string): SegmentFiles {
  return {
    epochs: () => epochsIn(folder),
    size: (epoch) => statSync(segmentFile(folder, epoch), { throwIfNoEntry: false })?.size ?? 0,
    read: (epoch, from, to) => readPart(segmentFile(folder, epoch), from, to),
    nameOf: (epoch) => segmentFile(folder, epoch),
    // Opened for writing, without which Windows syncs nothing.
    sync: (epoch) => syncPath(segmentFile(folder, epoch), 'r+'),
    create: (epoch, first) => create(folder, segmentFile(folder, epoch), first),
    snapshot: () => readIfThere(join(folder, SNAPSHOT)),
    saveSnapshot: (bytes) => replace(join(folder, SNAPSHOT), bytes),
    artefacts: folderArtefacts(join(dirname(folder), 'artefacts')),
  };
}

/** Artefacts in a folder, which is made with the first of them. */
function folderArtefacts(folder: string): Artefacts {
  return {
    async put(sha256, bytes) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const path = join(folder, sha256);
      if (readIfThere(path)?.equals(bytes) !== true) await replace(path, bytes);
    },
    get: (sha256) => readIfThere(join(folder, sha256)),
  };
}

function readPart(path: string, from: number, to: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.allocUnsafe(Math.max(to - from, 0));
    let length = 0;
    while (length < bytes.length) {
      const more = readSync(file, bytes, length, bytes.length - length, from + length);
      if (more === 0) break;
      length += more;
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(file);
  }
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function replace(path: string, bytes: Buffer): Promise<void> {
  const draft = draftOf(`${path}.${randomUUID()}`);
  try {
    await writeFile(draft, bytes, { mode: 0o600, flush: true });
    await rename(draft, path);
    await syncFolder(dirname(path));
  } finally {
    await rm(draft, { force: true });
  }
}

async function create(folder: string, path: string, first: Buffer): Promise<OpenSegment | undefined> {
  const draft = draftOf(`${path}.${randomUUID()}`);
  let file: FileHandle | undefined;
  try {
    file = await open(draft, 'wx', 0o600);
    await file.appendFile(first);
    await file.sync();
    await link(draft, path);
    await syncFolder(folder);
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

/** So that a new name outlives a power cut; not every system can do it. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform !== 'win32') await syncPath(folder, 'r');
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
