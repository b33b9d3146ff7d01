import type { ControlRequest } from '../model/control.ts';

/** What people ask of one run, from any of their processes. It outlives all of them. */
export interface ControlInbox {
  /** All requests from the first on, in the order of their arrival, then each as it comes. Ends when aborted. */
  requests(signal: AbortSignal): AsyncIterable<ControlRequest>;
  /** All requests that are there now, in the order of their arrival. */
  present(): Promise<readonly ControlRequest[]>;
}
