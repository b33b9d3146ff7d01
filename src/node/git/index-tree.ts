import { readFile } from 'node:fs/promises';
import type { Stored } from './store.ts';
import { type Entry, FOLDER, type GitTrees } from './trees.ts';

/*
 * An index as gitformat-index(5) describes it, in the version that git writes unless it is told otherwise. Whatever is
 * unusual about one is left to git.
 */

/** Above this git itself is faster. */
const MOST_BYTES = 2_000_000;
const NUL = 0;
const HEADER_BYTES = 12;
/** Times, device, inode, mode, owner, size. */
const STAT_BYTES = 40;
const MODE_AT = 24;
const STAGE = 0x3000;
const EXTENDED = 0x4000;
const LONG_NAME = 0xfff;

interface File {
  /** As in the index, byte by byte. */
  readonly path: string;
  readonly mode: string;
  readonly id: string;
}

/** What git remembers of a folder's tree: its id and how many files are below it. */
type KnownTrees = ReadonlyMap<string, { readonly id: string; readonly files: number }>;

/**
 * The tree of an index, with those of its folders that are new. undefined: it is for git to write.
 *
 * @param like id of any object of the repository
 */
export async function treeOfIndex(
  trees: GitTrees,
  file: string,
  like: string,
): Promise<{ readonly tree: string; readonly written: readonly Stored[] } | undefined> {
  const bytes = await readFile(file);
  const read = bytes.length <= MOST_BYTES ? readIndex(bytes, like.length / 2) : undefined;
  if (!read) return undefined;
  const { files, known } = read;
  const written: Stored[] = [];
  /** The tree of the folder with this prefix, whose files begin at `from`, and where they end. */
  const build = (prefix: string, from: number): { readonly id: string; readonly end: number } => {
    const kept = known.get(prefix);
    if (kept && isBelow(prefix, files[from + kept.files - 1])) return { id: kept.id, end: from + kept.files };
    const entries: Entry[] = [];
    let at = from;
    for (let next = files[at]; isBelow(prefix, next); next = files[at]) {
      const slash = next.path.indexOf('/', prefix.length);
      if (slash < 0) {
        entries.push({ mode: next.mode, name: next.path.slice(prefix.length), id: next.id });
        at += 1;
      } else {
        const folder = build(next.path.slice(0, slash + 1), at);
        entries.push({ mode: FOLDER, name: next.path.slice(prefix.length, slash), id: folder.id });
        at = folder.end;
      }
    }
    const tree = trees.write(entries, like);
    written.push(tree);
    return { id: tree.id, end: at };
  };
  const { id, end } = build('', 0);
  return end === files.length ? { tree: id, written } : undefined;
}

const isBelow = (prefix: string, file: File | undefined): file is File => file?.path.startsWith(prefix) === true;

function readIndex(
  bytes: Buffer,
  idBytes: number,
): { readonly files: readonly File[]; readonly known: KnownTrees } | undefined {
  if (bytes.length < HEADER_BYTES + idBytes || bytes.toString('latin1', 0, 4) !== 'DIRC') return undefined;
  if (bytes.readUInt32BE(4) !== 2) return undefined;
  const files: File[] = [];
  let at = HEADER_BYTES;
  for (let left = bytes.readUInt32BE(8); left > 0; left -= 1) {
    const flagsAt = at + STAT_BYTES + idBytes;
    const nameAt = flagsAt + 2;
    const flags = bytes.readUInt16BE(flagsAt);
    const mode = bytes.readUInt32BE(at + MODE_AT);
    const end = (flags & LONG_NAME) === LONG_NAME ? bytes.indexOf(NUL, nameAt) : nameAt + (flags & LONG_NAME);
    // A conflict, something that is only meant to be added, or a folder that is not checked out.
    if ((flags & (STAGE | EXTENDED)) !== 0 || mode === 0o40000 || end < nameAt) return undefined;
    files.push({
      path: bytes.toString('latin1', nameAt, end),
      mode: mode.toString(8),
      id: bytes.toString('hex', at + STAT_BYTES, flagsAt),
    });
    // One to eight NULs follow, up to a multiple of eight bytes.
    at += (end - at + 8) & ~7;
  }
  const known = new Map<string, { readonly id: string; readonly files: number }>();
  const last = bytes.length - idBytes;
  while (at + 8 <= last) {
    const name = bytes.toString('latin1', at, at + 4);
    const end = at + 8 + bytes.readUInt32BE(at + 4);
    // A small letter: nobody who does not know it may go on.
    if (/^[^A-Z]/.test(name) || end > last) return undefined;
    if (name === 'TREE') readTrees(bytes.subarray(at + 8, end), idBytes, known);
    at = end;
  }
  return { files, known };
}

function readTrees(bytes: Buffer, idBytes: number, known: Map<string, { id: string; files: number }>): void {
  let at = 0;
  const readOne = (above: string): void => {
    const nul = bytes.indexOf(NUL, at);
    const end = bytes.indexOf(10, nul);
    if (nul < 0 || end < 0) return;
    const name = bytes.toString('latin1', at, nul);
    const [files = -1, folders = 0] = bytes
      .toString('latin1', nul + 1, end)
      .split(' ')
      .map(Number);
    const prefix = above === '' && name === '' ? '' : `${above}${name}/`;
    at = end + 1;
    if (files >= 0) {
      known.set(prefix, { id: bytes.toString('hex', at, at + idBytes), files });
      at += idBytes;
    }
    for (let left = folders; left > 0; left -= 1) readOne(prefix);
  };
  readOne('');
}
