import type { Journal } from './journal/journal.ts';
import type { Clock } from './ports/clock.ts';

/** How often the clock is looked at. */
const TICK_MS = 60_000;
/** A look that comes so much too late, or too early, was not only kept waiting. */
const TOLERANCE_MS = 60_000;

/**
 * A clock that notices when the machine slept or somebody set the time: then more, or less, has passed since its last
 * tick than can have. It tells the journal, at the latest when it is asked what time it is, so that what is decided on
 * counts only time in which work went on.
 */
export class WakefulClock implements Clock {
  readonly #clock: Clock;
  readonly #journal: Pick<Journal, 'record' | 'state' | 'until'>;
  #last: number;
  /** It is just telling the journal, which asks it for the time. */
  #tells = false;

  /** @param since until when it is known how much of the time was worked, in milliseconds since 1970 */
  constructor(clock: Clock, journal: Pick<Journal, 'record' | 'state' | 'until'>, since = clock.now()) {
    this.#clock = clock;
    this.#journal = journal;
    this.#last = since;
  }

  now(): number {
    const now = this.#clock.now();
    const { workingSince } = this.#journal.state;
    // Time counts only while something is in work.
    if (workingSince === undefined || this.#tells) return now;
    const passed = now - Math.max(this.#last, workingSince);
    if (passed > TICK_MS + TOLERANCE_MS) this.#jumped(now, passed - TICK_MS);
    if (passed < -TOLERANCE_MS) this.#jumped(now, passed);
    return now;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return this.#clock.sleep(ms, signal);
  }

  /** Ticks while something is in work, until it is stopped. */
  async tick(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#journal.until(({ workingSince }) => workingSince !== undefined, signal).catch(() => undefined);
      await this.#clock.sleep(TICK_MS, signal).catch(() => undefined);
      this.#last = this.now();
    }
  }

  #jumped(now: number, ms: number): void {
    this.#last = now;
    this.#tells = true;
    // Whoever needs the journal hears of its failure as well.
    void this.#journal.record({ type: 'run.slept', ms }).catch(() => undefined);
    this.#tells = false;
  }
}
