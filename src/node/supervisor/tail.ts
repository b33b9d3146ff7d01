import { closeSync, existsSync, fstatSync, openSync, readSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

export interface Line {
  /** Byte range in the file, line end included. */
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

const CHUNK = 256 * 1024;
/** File watching misses events on some file systems, so the file is looked at this often in any case. */
const POLL_MS = 150;

/** Reads the complete lines of a growing file, from a byte on. */
export class LineReader {
  readonly #file: string;
  #offset: number;
  #rest: Buffer[] = [];

  constructor(file: string, from = 0) {
    this.#file = file;
    this.#offset = from;
  }

  /** Lines that are complete now, up to about a chunk of them; empty when there is nothing new or no file yet. */
  read(): Line[] {
    let descriptor: number;
    try {
      descriptor = openSync(this.#file, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    try {
      for (;;) {
        const held = this.#rest.reduce((sum, part) => sum + part.length, 0);
        const from = this.#offset + held;
        // No more than there is: most looks find a line or nothing.
        const chunk = Buffer.allocUnsafe(Math.min(Math.max(fstatSync(descriptor).size - from, 0), CHUNK));
        const size = chunk.length === 0 ? 0 : readSync(descriptor, chunk, 0, chunk.length, from);
        if (size === 0) return [];
        this.#rest.push(chunk.subarray(0, size));
        if (chunk.subarray(0, size).includes(10)) return this.#split();
      }
    } finally {
      closeSync(descriptor);
    }
  }

  #split(): Line[] {
    const bytes = Buffer.concat(this.#rest);
    const lines: Line[] = [];
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      const from = this.#offset + start;
      lines.push({ from, to: this.#offset + end + 1, text: bytes.subarray(start, end).toString('utf8') });
      start = end + 1;
    }
    this.#offset += start;
    this.#rest = start < bytes.length ? [Buffer.from(bytes.subarray(start))] : [];
    return lines;
  }
}

/**
 * Calls `look` when the file, or one of the others of these names beside it, may have changed, and regularly. Returns
 * what stops it.
 */
export function onChange(file: string, look: () => void, others: readonly string[] = []): () => void {
  const names = new Set([basename(file), ...others]);
  const timer = setInterval(look, POLL_MS);
  let watcher: ReturnType<typeof watch> | undefined;
  try {
    if (existsSync(dirname(file))) {
      watcher = watch(dirname(file), { persistent: false }, (_event, name) => {
        if (name === null || names.has(name)) look();
      });
      watcher.on('error', () => watcher?.close());
    }
  } catch {
    // Polling alone does.
  }
  return () => {
    clearInterval(timer);
    watcher?.close();
  };
}
