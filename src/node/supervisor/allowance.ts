/**
 * How long a worker may still run. Time passes only while it works: not while somebody is being asked, and not while
 * the machine sleeps (a tick counts for at most `maxTickMs`, however late it comes).
 */
export class Allowance {
  #limitMs: number;
  #usedMs = 0;
  #last: number;
  readonly #maxTickMs: number;

  /** `now` is a monotonic clock in milliseconds. */
  constructor(limitMs: number, maxTickMs: number, now: number) {
    this.#limitMs = limitMs;
    this.#maxTickMs = maxTickMs;
    this.#last = now;
  }

  /** Counts the time since the last tick unless paused, and says whether the allowance is used up. */
  tick(now: number, paused: boolean): boolean {
    const passed = Math.min(Math.max(now - this.#last, 0), this.#maxTickMs);
    this.#last = now;
    if (!paused) this.#usedMs += passed;
    return this.#usedMs >= this.#limitMs;
  }

  /** A new limit counts from now. */
  renew(limitMs: number): void {
    this.#limitMs = this.#usedMs + limitMs;
  }
}
