import type { JournalRecord, RunEvent } from '../model/events.ts';

/** Events that have their place in the journal. */
export interface Appended {
  readonly records: readonly JournalRecord[];
  /** Resolves when the system has these and all before them, so that they outlive this process; rejects like `durable`. */
  readonly written: Promise<void>;
  /**
   * Resolves when these and all before them are durable (written and synced). Rejects with code `journal-failed` when
   * they may not be; the writer is then closed for good, because what a failed sync left behind is unknown.
   */
  readonly durable: Promise<void>;
}

/** What a journal is read into. */
export interface Folding {
  /**
   * Names this way of folding, and the events it knows: images of another one are of no use, and events that were written
   * under the same name need no closer look. Empty: nothing is like it.
   */
  readonly version: string;
  apply(record: JournalRecord): void;
  /** All that came of the records so far, as plain data (maps and sets included). */
  image(): unknown;
  /** Goes on from an image instead of the records that it came of. */
  restore(image: unknown): void;
  /** Forgets everything, to be read into anew. */
  clear(): void;
}

/** The writing end of one run's journal, owned by one process at a time. */
export interface JournalWriter {
  readonly epoch: number;
  /** Gives events the next places in the journal, at once, and writes them behind. Throws `journal-failed` once closed. */
  append(events: readonly RunEvent[]): Appended;
  /**
   * Keeps an image of what came of all events appended so far, so that opening the journal need not read them again. It
   * is taken at once and written behind, when they are durable. A cache: that it can't be written harms nothing.
   */
  keepImage(folding: Folding): void;
  /** Resolves when all is written that was asked for. */
  close(): Promise<void>;
}
