import type { RunState } from '../core/model/run.ts';
import type { EditorHost } from './host-port.ts';

/** Who drives a run that has not ended: this window, another process, or nobody any more. */
export type Driver = 'here' | 'elsewhere' | 'nobody';

export interface KnownRun {
  readonly host: EditorHost;
  readonly state: RunState;
  /** undefined: the run has ended. */
  readonly driver: Driver | undefined;
  /** Attempts that have not ended and whose process lives. */
  readonly alive: ReadonlySet<string>;
  /** Memory that more workers can use, in MB; undefined where nobody knows or asks. */
  readonly freeMb: number | undefined;
}

/** Whether there is a result that could be applied to the person's branch. */
export function isApplicable({ state }: KnownRun): boolean {
  return state.endedAt !== undefined && state.integrationOrder.length > 0 && state.applied === undefined;
}

/** Whether something of it may run that can be ended. */
export function isCancellable({ driver }: KnownRun): boolean {
  return driver !== undefined;
}

/** Whether the result was applied, as a whole or as far as it came, so that it can be taken back. */
export function isUndoable({ state }: KnownRun): boolean {
  return state.application !== undefined;
}
