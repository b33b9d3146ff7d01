/** A node in work. */
export interface Running {
  readonly node: number;
  /** Seconds on the clock of `Situation.now`. */
  readonly startedAt: number;
  /** When it will end as far as one knows now. One that is late is expected now or later. */
  readonly expectedEnd: number;
}

/** What the decision depends on. All times are seconds on one clock of any origin. */
export interface Situation {
  readonly now: number;
  readonly isDone: (node: number) => boolean;
  readonly running: readonly Running[];
  /** Nodes that are not started and whose dependencies are done. */
  readonly ready: readonly number[];
  /** How many nodes may start now. */
  readonly free: number;
}

export interface Decision {
  /** Nodes to start now, the most urgent first. */
  readonly start: readonly number[];
  /** Ready nodes for which there is a worker that is kept free for something more urgent. */
  readonly held: readonly number[];
}
