import type { Fault, FaultType } from './case.ts';

/** As many faults strike in every simulation, and at least one of them ends the run's owner. */
export const LEAST_FAULTS = 3;
export const CRASHES: ReadonlySet<FaultType> = new Set(['crash', 'zombie', 'power-loss']);

/** Stands for every point. */
export const ANYWHERE = 'anywhere';

/** A fault here strikes so many points, of whatever name, after the next crash. */
export const AFTER_CRASH = 'after-crash';

/** Reached again after each crash until the run has ended. */
const LAST_POINT = 'record run.ended/before';

/**
 * Lets each fault strike when its point is reached the nth time, or the first time after that when there is something to
 * strike. What the run's end leaves too few of is made up for there by crashes.
 */
export class Faults {
  /** "fault at point" → how often. */
  readonly met = new Map<string, number>();
  readonly #pending = new Map<string, Fault[]>();
  readonly #reached = new Map<string, number>();
  readonly #strike: (fault: Fault) => boolean;
  readonly #least: number;
  #struck = 0;
  #crashed = false;

  /** @param strike does it; false when there was nothing to strike at that moment */
  constructor(faults: readonly Fault[], strike: (fault: Fault) => boolean) {
    this.#strike = strike;
    // A case that was shrunk, or made by hand, has what it has.
    this.#least = faults.length < LEAST_FAULTS ? 0 : LEAST_FAULTS;
    for (const fault of faults) this.#pending.set(fault.at, [...(this.#pending.get(fault.at) ?? []), fault]);
  }

  reach(point: string): void {
    this.#count(ANYWHERE, point);
    this.#count(point, point);
    if (point !== LAST_POINT || this.#least === 0) return;
    if (this.#struck < this.#least || !this.#crashed) this.#try({ type: 'crash', at: point, nth: 0, ms: 0 }, point);
  }

  #count(name: string, point: string): void {
    const nth = (this.#reached.get(name) ?? 0) + 1;
    this.#reached.set(name, nth);
    const pending = this.#pending.get(name);
    if (!pending || pending.length === 0) return;
    for (const fault of [...pending]) if (fault.nth <= nth) this.#try(fault, point);
  }

  #try(fault: Fault, point: string): void {
    if (!this.#strike(fault)) return;
    const rest = (this.#pending.get(fault.at) ?? []).filter((other) => other !== fault);
    this.#pending.set(fault.at, rest);
    this.#struck += 1;
    if (CRASHES.has(fault.type)) this.#onCrash();
    const key = `${fault.type} at ${point}`;
    this.met.set(key, (this.met.get(key) ?? 0) + 1);
  }

  #onCrash(): void {
    this.#crashed = true;
    const now = this.#reached.get(ANYWHERE) ?? 0;
    const next = (this.#pending.get(AFTER_CRASH) ?? []).map((one) => ({ ...one, at: ANYWHERE, nth: now + one.nth }));
    this.#pending.delete(AFTER_CRASH);
    this.#pending.set(ANYWHERE, [...(this.#pending.get(ANYWHERE) ?? []), ...next]);
  }
}
