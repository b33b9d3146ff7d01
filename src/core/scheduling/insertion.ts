import { at, type PlannableGraph } from './graph.ts';

/** When each node starts and ends, in seconds from now. */
export interface Schedule {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  readonly makespan: number;
}

/** Whether the workers are enough at every instant at which a node without duration has its place. */
export function hasRoomForInstants({ size }: PlannableGraph, workers: number, { starts, ends }: Schedule): boolean {
  for (let node = 0; node < size; node += 1) {
    const instant = at(starts, node);
    if (at(ends, node) > instant) continue;
    const around = starts.reduce(
      (count, start, other) => count + (start < instant && instant < at(ends, other) ? 1 : 0),
      0,
    );
    if (around >= workers) return false;
  }
  return true;
}

/**
 * Puts each node, in the given order, to the earliest time at which it fits, also in front of others. From the starts
 * of any schedule this makes one in which nothing starts later, and in which no idle worker could take a node
 * without delaying another. Nodes without duration take no room: see `hasRoomForInstants`. `order` has every node after all that it depends on.
 */
export function insertEarliest(graph: PlannableGraph, workers: number, order: Int32Array): Schedule {
  const starts = new Float64Array(graph.size);
  const ends = new Float64Array(graph.size);
  const placed = new Uint8Array(graph.size);
  const profile = new Profile(workers);
  let makespan = 0;
  for (const node of order) {
    const seconds = at(graph.seconds, node);
    let start = 0;
    for (const above of neighbours(graph.predecessors, node)) start = Math.max(start, at(ends, above));
    for (let earliest = -1; earliest < start; ) {
      earliest = profile.firstRoom(start, seconds);
      start = earliest;
      for (const other of neighbours(graph.conflicts, node)) {
        const meets = placed[other] === 1 && at(starts, other) < earliest + seconds && earliest < at(ends, other);
        if (meets) start = Math.max(start, at(ends, other));
      }
    }
    starts[node] = start;
    ends[node] = start + seconds;
    placed[node] = 1;
    profile.add(start, start + seconds);
    makespan = Math.max(makespan, start + seconds);
  }
  return { starts, ends, makespan };
}

function neighbours({ offsets, targets }: PlannableGraph['successors'], node: number): Int32Array {
  return targets.subarray(at(offsets, node), at(offsets, node + 1));
}

/** How many workers are busy over time: `busy[i]` from `times[i]` on. */
class Profile {
  readonly #times: number[] = [0];
  readonly #busy: number[] = [0];
  readonly #workers: number;

  constructor(workers: number) {
    this.#workers = workers;
  }

  /** The first time from `earliest` on at which a worker is free for `seconds`. */
  firstRoom(earliest: number, seconds: number): number {
    let start = earliest;
    for (let index = this.#indexAt(earliest); index < this.#times.length; index += 1) {
      const from = this.#times[index] as number;
      if (from > start && from >= start + seconds) break;
      if ((this.#busy[index] as number) >= this.#workers) start = Math.max(earliest, this.#times[index + 1] as number);
    }
    return start;
  }

  add(start: number, end: number): void {
    if (end <= start) return;
    const first = this.#split(start);
    const last = this.#split(end);
    for (let index = first; index < last; index += 1) this.#busy[index] = (this.#busy[index] as number) + 1;
  }

  /** The last entry that begins at or before a time. */
  #indexAt(time: number): number {
    let low = 0;
    let high = this.#times.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#times[middle] as number) <= time) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #split(time: number): number {
    const index = this.#indexAt(time);
    if (this.#times[index] === time) return index;
    this.#times.splice(index + 1, 0, time);
    this.#busy.splice(index + 1, 0, this.#busy[index] as number);
    return index + 1;
  }
}
