import type { Check, CheckOutcome } from '../model/checks.ts';

export interface CheckRun {
  readonly outcome: CheckOutcome;
  readonly exitCode: number | null;
  readonly durationMs: number;
  /** End of stdout and stderr in the order they came, without control characters; not redacted. */
  readonly output: string;
}

/** Runs the project's own commands. */
export interface Checks {
  /**
   * Runs a check in a folder, with an environment from an allow-list and no input. Whatever it started is gone when
   * this resolves. Rejects with the signal's reason when aborted, and never because the check fails.
   *
   * @param owner marks its processes, so that those of a process that died can be found
   */
  run(check: Check, folder: string, owner: string, signal: AbortSignal): Promise<CheckRun>;
}
