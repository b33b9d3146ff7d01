import type { JournalRecord } from '../../src/core/model/events.ts';
import type { Evidence } from '../../src/core/model/findings.ts';

/** What follows from a journal's events, counted apart from the product's fold. */
export class Ledger {
  /** Subtasks that a person does without. */
  readonly skipped = new Set<string>();
  /** Subtasks that come before all others. */
  readonly pinned = new Set<string>();
  /** Until when a subtask waits at most after a failure, by the world's clock. */
  readonly backedOff = new Map<string, number>();
  /** The last event let a run go on that had ended. */
  isReopened = false;
  readonly #open = new Set<string>();
  readonly #ran = new Map<string, string[]>();
  #since = 0;
  #workedMs = 0;

  /** How long attempts have been open, in milliseconds, without the time in which the machine slept. */
  get workedMs(): number {
    return this.#workedMs;
  }

  /** Since when some are, by the wall clock. */
  get workingSince(): number | undefined {
    return this.#open.size > 0 ? this.#since : undefined;
  }

  /** `now` by the world's clock. */
  note({ event, at }: JournalRecord, now: number): void {
    this.isReopened = event.type === 'run.reopened';
    if (event.type === 'attempt.launching' || event.type === 'attempt.carried') {
      if (this.#open.size === 0) this.#since = at;
      this.#open.add(event.attempt);
    }
    if (event.type === 'attempt.ended' && this.#open.delete(event.attempt) && this.#open.size === 0)
      this.#workedMs += Math.max(0, at - this.#since);
    // Whether it is true is checked where it is recorded, see `WorkTime`.
    if (event.type === 'run.slept' && this.#open.size > 0) this.#since += event.ms;
    if (event.type === 'subtask.skipped') this.skipped.add(event.subtask);
    if (event.type === 'subtask.retried') this.skipped.delete(event.subtask);
    if (event.type === 'subtask.pinned') this.pinned.add(event.subtask);
    if (event.type === 'subtask.unpinned' || event.type === 'subtask.removed') this.pinned.delete(event.subtask);
    if (event.type === 'subtask.split' && this.pinned.delete(event.subtask))
      for (const { id } of event.into) this.pinned.add(id);
    // By a clock that is set back meanwhile it may wait as long again.
    if (event.type === 'subtask.backed-off') this.backedOff.set(event.subtask, now + 2 * event.ms);
    // What was seen of trees that nothing rests on any more is forgotten, and may be seen again.
    if (event.type === 'integration.merged')
      for (const place of this.#ran.keys()) if (!place.endsWith(event.tree)) this.#ran.delete(place);
    if (event.type === 'check.ran') {
      const place = `${event.check} ${event.tree}`;
      this.#ran.set(place, [...(this.#ran.get(place) ?? []), event.outcome]);
    }
  }

  /** Whether the evidence says what was seen: a check that failed first and then passed on the same tree is flaky. */
  isTrue({ check, tree, outcome, flaky, command }: Evidence): boolean {
    const ran = this.#ran.get(`${check} ${tree}`);
    // The product's own checks say it with the attempt.
    if (!ran) return command === undefined;
    const passed = ran.indexOf('passed');
    const isFlaky = passed > 0 && ran.slice(0, passed).some((one) => one !== 'not-started');
    return outcome === 'passed' ? passed >= 0 && (flaky === true) === isFlaky : passed < 0;
  }
}
