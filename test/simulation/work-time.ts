import type { JournalRecord } from '../../src/core/model/events.ts';

/** An open attempt. */
interface Open {
  /** How long it was in somebody's hands, and of that how long its worker lived while nobody drove the run. */
  ms: number;
  aloneMs: number;
  /** How it is now. */
  isInHands: boolean;
  isAlone: boolean;
}

/**
 * How long a run's attempts were in work, by the world's clock: while an owner that does not stand still drives the run, or
 * their worker lives. The journal's own account, by the wall clock and its gaps, is compared with it.
 */
export class WorkTime {
  /** How often an owner stood still. */
  stops = 0;
  readonly #open = new Map<string, Open>();
  #now = 0;
  #isDriven = false;
  #runMs = 0;
  #lastAt = 0;

  /** When the last record was made, by the wall clock. */
  get lastAt(): number {
    return this.#lastAt;
  }

  /** All of the run's. */
  get runMs(): number {
    return this.#runMs;
  }

  attempt(id: string): Pick<Open, 'ms' | 'aloneMs'> {
    return this.#open.get(id) ?? { ms: 0, aloneMs: 0 };
  }

  note({ event, at }: JournalRecord): void {
    this.#lastAt = at;
    // Somebody drove the run until then.
    for (const one of this.#open.values()) one.aloneMs = 0;
    if (event.type === 'attempt.launching' || event.type === 'attempt.carried')
      this.#open.set(event.attempt, { ms: 0, aloneMs: 0, isInHands: this.#isDriven, isAlone: false });
    if (event.type === 'attempt.ended') this.#open.delete(event.attempt);
  }

  /** Time has passed until now, with everything as it was at the last call. */
  pass(now: number): void {
    const passed = now - this.#now;
    this.#now = now;
    let isWorking = false;
    for (const one of this.#open.values()) {
      isWorking ||= one.isInHands;
      if (one.isInHands) one.ms += passed;
      if (one.isAlone) one.aloneMs += passed;
    }
    if (isWorking) this.#runMs += passed;
  }

  /** How things are from now on. */
  see(isDriven: boolean, lives: (attempt: string) => boolean): void {
    this.#isDriven = isDriven;
    for (const [id, one] of this.#open) {
      one.isAlone = !isDriven && lives(id);
      one.isInHands = isDriven || one.isAlone;
    }
  }
}
