import type { JournalRecord, RunEvent } from '../model/events.ts';

/** The writing end of one run's journal, owned by one process at a time. */
export interface JournalWriter {
  readonly epoch: number;
  /**
   * Appends events in order and resolves with their records once they are durable (written and synced). Rejects with
   * code `journal-failed` when they may not be; the writer is then closed for good, because what a failed sync left
   * behind is unknown.
   */
  append(events: readonly RunEvent[]): Promise<readonly JournalRecord[]>;
  close(): Promise<void>;
}
