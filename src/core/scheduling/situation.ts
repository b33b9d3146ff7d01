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
  readonly running: () => readonly Running[];
  /** How many nodes may start now. */
  readonly free: number;
}
