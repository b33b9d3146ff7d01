/** Time comes in through here, so that the whole core also runs on a virtual clock. */
export interface Clock {
  /** Wall clock, milliseconds since 1970. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason when aborted first. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}
