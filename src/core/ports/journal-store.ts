import type { JournalRecord, RunEvent } from '../model/events.ts';

/** Events that have their place in the journal. */
export interface Appended {
  readonly records: readonly JournalRecord[];
  /**
   * Resolves when these and all before them are durable (written and synced). Rejects with code `journal-failed` when
   * they may not be; the writer is then closed for good, because what a failed sync left behind is unknown.
   */
  readonly durable: Promise<void>;
}

/** The writing end of one run's journal, owned by one process at a time. */
export interface JournalWriter {
  readonly epoch: number;
  /** Gives events the next places in the journal, at once, and writes them behind. Throws `journal-failed` once closed. */
  append(events: readonly RunEvent[]): Appended;
  close(): Promise<void>;
}
