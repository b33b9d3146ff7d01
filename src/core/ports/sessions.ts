import type { ArchivedSession } from '../model/checkpoint.ts';

/** Keeps CLI sessions as they were at a moment, and brings them back. */
export interface Sessions {
  /**
   * Keeps a copy of a session that holds the message. Undefined where there is no such session to be found: the CLI
   * was told to keep none, or keeps them elsewhere.
   *
   * @param cwd folder that the CLI works in
   */
  archive(
    session: { readonly session: string; readonly message: string; readonly cwd: string },
    signal: AbortSignal,
  ): Promise<ArchivedSession | undefined>;
  /** Absolute path of a file that the CLI can resume the session from, for this attempt; undefined when it is gone. */
  bringBack(archived: ArchivedSession, attempt: string): Promise<string | undefined>;
  /** Removes what was brought back for an attempt that has ended. */
  putAway(attempt: string): Promise<void>;
  /** Takes archives of another run over, so that they are there when that run is removed; those that are gone are left out. */
  adopt(run: string, archived: readonly ArchivedSession[]): Promise<void>;
}
