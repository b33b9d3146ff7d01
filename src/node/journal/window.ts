import type { SegmentFiles } from './files.ts';

/** Bytes that are read at once. */
const CHUNK = 1 << 20;

/** A part of a segment, read in chunks as it is asked for: no more of it is in memory than what was asked for last. */
export class Window {
  /** Where it ends, in bytes from the segment's beginning. */
  readonly end: number;
  readonly #files: SegmentFiles;
  readonly #epoch: number;
  #start = 0;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(files: SegmentFiles, epoch: number, end: number) {
    this.#files = files;
    this.#epoch = epoch;
    this.end = end;
  }

  /** Bytes from an offset on, as many as there are up to `length`; valid until the next call. */
  bytes(offset: number, length: number): Buffer {
    const wanted = Math.max(Math.min(length, this.end - offset), 0);
    const from = offset - this.#start;
    if (from < 0 || from + wanted > this.#bytes.length) {
      this.#start = offset;
      this.#bytes = this.#files.read(this.#epoch, offset, Math.min(this.end, offset + Math.max(wanted, CHUNK)));
      return this.#bytes.subarray(0, wanted);
    }
    return this.#bytes.subarray(from, from + wanted);
  }

  /** The line that begins at an offset, without its end, and what follows it; undefined when it is not whole. */
  line(offset: number, maxBytes: number): { readonly text: string; readonly next: number } | undefined {
    const bytes = this.bytes(offset, maxBytes);
    const newline = bytes.indexOf('\n');
    return newline < 0 ? undefined : { text: bytes.toString('utf8', 0, newline), next: offset + newline + 1 };
  }

  /** Where these bytes come next after an offset; undefined when they don't. */
  indexOf(words: string, offset: number): number | undefined {
    for (let at = offset; at < this.end; at += CHUNK - words.length) {
      const found = this.bytes(at, CHUNK).indexOf(words);
      if (found >= 0) return at + found;
    }
    return undefined;
  }
}
