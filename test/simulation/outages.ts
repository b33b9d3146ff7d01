import type { JournalRecord } from '../../src/core/model/events.ts';

const MINUTE = 60_000;

/** What the run's workers have heard of the API, by the wall clock; written down apart from the product's own account. */
export class Outages {
  /** Attempts whose session failed while nobody was answered. */
  readonly victims = new Set<string>();
  #failedAt: number[] = [];
  /** The end of the last time that nobody may ask, and how often that time has doubled. */
  #quiet: { readonly from: number; readonly to: number; readonly minutes: number } | undefined;
  #answers = 0;

  get quiet(): { readonly from: number; readonly to: number } | undefined {
    return this.#quiet;
  }

  /** `began`: when the attempt that an event tells of was launched. */
  note({ event, at }: JournalRecord, began: number): void {
    if (event.type === 'attempt.api-limited') this.#refused(at, event.until);
    if (event.type === 'attempt.tool-called') this.#answered(at);
    if (event.type === 'attempt.api-retried') this.#failed(at, began);
    if (event.type !== 'attempt.turn-ended') return;
    if (event.failure === null) this.#answered(at);
    if (event.failure !== 'api') return;
    this.#failed(at, began);
    if (this.#quiet) this.victims.add(event.attempt);
  }

  #failed(at: number, began: number): void {
    const { to = 0, minutes = 0 } = this.#quiet ?? {};
    if (this.#quiet) {
      if (at >= to && began >= to) this.#fallQuiet(at, Math.min(15, minutes * 2));
      return;
    }
    // By a clock that was set back, what lies ahead is none of them.
    this.#failedAt = [...this.#failedAt, at].filter((one) => one <= at && at - one < 5 * MINUTE);
    if (this.#failedAt.length > 4) this.#fallQuiet(at, 1);
  }

  #refused(at: number, until: number): void {
    if (until <= at || (this.#quiet && this.#quiet.to >= until)) return;
    this.#fallQuiet(at, 1);
    this.#quiet = { from: at, to: until, minutes: 1 };
  }

  #fallQuiet(at: number, minutes: number): void {
    this.#quiet = { from: at, to: at + minutes * MINUTE, minutes };
    this.#failedAt = [];
    this.#answers = 0;
  }

  #answered(at: number): void {
    if (!this.#quiet || at < this.#quiet.to) return;
    this.#answers += 1;
    if (this.#answers === 3) this.#quiet = undefined;
  }
}
