import type { Clock } from './ports/clock.ts';

/** Calls at one moment at a time; setting it anew forgets the moment before. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #stop: AbortController | undefined;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** @param at milliseconds since 1970; a moment that is over rings soon */
  set(at: number, signal: AbortSignal): void {
    this.clear();
    const stop = new AbortController();
    this.#stop = stop;
    const ms = Math.max(1, at - this.#clock.now());
    this.#clock.sleep(ms, AbortSignal.any([signal, stop.signal])).then(this.#ring, () => undefined);
  }

  clear(): void {
    this.#stop?.abort();
    this.#stop = undefined;
  }
}
