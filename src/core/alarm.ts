import type { Clock } from './ports/clock.ts';

/** Somebody may set the clock meanwhile: it is looked at so often at least. */
const LONGEST_MS = 60_000;

/** Calls at one moment at a time, or a while before, to be set again; setting it anew forgets the moment before. */
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
    const ms = Math.min(Math.max(1, at - this.#clock.now()), LONGEST_MS);
    this.#clock.sleep(ms, AbortSignal.any([signal, stop.signal])).then(this.#ring, () => undefined);
  }

  clear(): void {
    this.#stop?.abort();
    this.#stop = undefined;
  }
}
