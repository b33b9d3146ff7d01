import type { AttemptExit, AttemptSpec, ControlLine } from '../model/attempt-files.ts';

/** A line of an attempt's stream with its place: bytes `from` to `to`, end exclusive, line end included. */
export interface StreamLine {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

export interface WorkerHandle {
  /**
   * Complete lines from byte `from` on, as the worker writes them. Ends once the attempt has ended and everything it
   * wrote was read.
   */
  lines(from: number, signal: AbortSignal): AsyncIterable<StreamLine>;
  /** Tells the supervisor something; the same id twice has the effect of once. */
  send(line: ControlLine): Promise<void>;
  /** Resolves when the attempt has ended. A supervisor that is gone without a word counts as ended. */
  exited(signal: AbortSignal): Promise<AttemptExit>;
}

/** A worker at one look. */
export interface WorkerSeen {
  readonly lives: boolean;
  /** When somebody began to run it, by the wall clock; undefined where nobody has, or nobody can tell. */
  readonly startedAt: number | undefined;
  /** When it ended, by the wall clock; undefined where it lives, never began or was lost without a word. */
  readonly endedAt: number | undefined;
}

/** Starts workers and finds them again. */
export interface Workers {
  /** A launch follows soon: what takes its time and is the same for every attempt may be done meanwhile. */
  expect(): void;
  /** Writes the attempt's files and starts its supervisor. Resolves with its pid once the attempt is claimed. */
  launch(spec: AttemptSpec, signal: AbortSignal): Promise<{ pid: number; handle: WorkerHandle }>;
  /** An attempt that was launched before, by this or another process; undefined when it was never started. */
  attach(attempt: string, signal: AbortSignal): Promise<WorkerHandle | undefined>;
  /** How an attempt's worker is now; changes nothing. */
  look(attempt: string): Promise<WorkerSeen>;
  /** Last lines of the attempt's stderr, for a failure's message. */
  stderrTail(attempt: string): Promise<string>;
}
