import type { Fault } from './case.ts';

/** Lets each fault strike when its point is reached the nth time. */
export class Faults {
  /** "fault at point" → how often. */
  readonly met = new Map<string, number>();
  readonly #pending = new Map<string, Fault[]>();
  readonly #reached = new Map<string, number>();
  readonly #strike: (fault: Fault) => boolean;

  /** @param strike does it; false when there was nothing to strike at that moment */
  constructor(faults: readonly Fault[], strike: (fault: Fault) => boolean) {
    this.#strike = strike;
    for (const fault of faults) this.#pending.set(fault.at, [...(this.#pending.get(fault.at) ?? []), fault]);
  }

  reach(point: string): void {
    const pending = this.#pending.get(point);
    if (!pending) return;
    const nth = (this.#reached.get(point) ?? 0) + 1;
    this.#reached.set(point, nth);
    for (const fault of pending) {
      if (fault.nth !== nth || !this.#strike(fault)) continue;
      const key = `${fault.type} at ${point}`;
      this.met.set(key, (this.met.get(key) ?? 0) + 1);
    }
  }
}
