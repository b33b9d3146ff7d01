import { at } from './graph.ts';
import type { Situation } from './situation.ts';

/** Seconds from the start, by node. */
export interface Schedule {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  readonly makespan: number;
}

/** A schedule of some nodes of a graph on a clock, and whether reality still follows it, to the digit. */
export class Timetable {
  readonly #starts: Float64Array;
  readonly #ends: Float64Array;
  /** Of what takes time. */
  readonly #sortedStarts: Float64Array;
  readonly #sortedEnds: Float64Array;

  /** `schedule` counts from `now` and numbers its nodes by their place in `nodes`; the whole graph has `size`. */
  constructor(schedule: Schedule, nodes: readonly number[], now: number, size: number) {
    this.#starts = new Float64Array(size);
    this.#ends = new Float64Array(size);
    nodes.forEach((node, place) => {
      this.#starts[node] = now + at(schedule.starts, place);
      this.#ends[node] = now + at(schedule.ends, place);
    });
    const lasting = nodes.filter((node) => this.#takesTime(node));
    this.#sortedStarts = Float64Array.from(lasting, (node) => at(this.#starts, node)).sort();
    this.#sortedEnds = Float64Array.from(lasting, (node) => at(this.#ends, node)).sort();
  }

  /** By planned start; what takes no time first, as others may need its worker at the same moment. */
  compare(a: number, b: number): number {
    return at(this.#starts, a) - at(this.#starts, b) || Number(this.#takesTime(a)) - Number(this.#takesTime(b));
  }

  /** Whether all that runs or ended did so when it was planned, and `first`, the first ready one, is not late. */
  isKept({ now, running: inWork }: Situation, first: number | undefined): boolean {
    const running = inWork();
    const planned =
      countWhile(this.#sortedStarts, (start) => start < now) - countWhile(this.#sortedEnds, (end) => end <= now);
    const started = running.filter(({ startedAt }) => startedAt < now);
    return (
      planned === started.length &&
      running.every(({ node, expectedEnd }) => at(this.#ends, node) === expectedEnd) &&
      (first === undefined || at(this.#starts, first) >= now)
    );
  }

  #takesTime(node: number): boolean {
    return at(this.#ends, node) > at(this.#starts, node);
  }
}

/** How many of the sorted values come before the first one for which something no longer holds. */
function countWhile(values: Float64Array, holds: (value: number) => boolean): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(at(values, middle))) low = middle + 1;
    else high = middle;
  }
  return low;
}
