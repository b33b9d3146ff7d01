import { at, type PlannableGraph } from './graph.ts';

/**
 * List scheduling: whenever a worker is free, the first ready node of a list starts, so no worker idles while a node
 * could start. Owns its arrays, so that running it hundreds of times allocates nothing; a result holds until the next.
 */
export class ListScheduler {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** Nodes by the time of their end. */
  readonly endOrder: Int32Array;
  makespan = 0;
  readonly #graph: PlannableGraph;
  readonly #pinned: readonly number[];
  readonly #workers: number;
  readonly #hasConflicts: boolean;
  readonly #indegrees: Int32Array;
  readonly #open: Int32Array;
  /** Ready ranks as bits: the lowest set bit is the next node. */
  readonly #ready: Int32Array;
  readonly #ranks: Int32Array;
  /** Running nodes, the next to end last. */
  readonly #running: Int32Array;
  /** How many running nodes stand in a node's way. */
  readonly #blocked: Int32Array;
  /** Ready nodes that a running one keeps from starting. */
  readonly #heldBack: Uint8Array;

  /** `pinned` are in work already: they start at 0, even where they are more than the workers. */
  constructor(graph: PlannableGraph, workers: number, pinned: readonly number[] = []) {
    const { size, predecessors } = graph;
    this.#graph = graph;
    this.#pinned = pinned;
    this.#workers = Math.min(workers, size);
    this.#hasConflicts = graph.conflicts.targets.length > 0;
    this.starts = new Float64Array(size);
    this.ends = new Float64Array(size);
    this.endOrder = new Int32Array(size);
    this.#indegrees = Int32Array.from(
      { length: size },
      (_, i) => at(predecessors.offsets, i + 1) - at(predecessors.offsets, i),
    );
    this.#open = new Int32Array(size);
    this.#ready = new Int32Array((size >> 5) + 1);
    this.#ranks = new Int32Array(size);
    this.#running = new Int32Array(Math.max(this.#workers, pinned.length) + 1);
    this.#blocked = new Int32Array(size);
    this.#heldBack = new Uint8Array(size);
  }

  /** Schedules all nodes by `list`, a permutation of them, and returns the makespan in seconds. */
  run(list: Int32Array): number {
    const { size } = this.#graph;
    const ready = this.#ready;
    const running = this.#running;
    this.#open.set(this.#indegrees);
    for (let rank = 0; rank < size; rank += 1) {
      const node = list[rank] as number;
      this.#ranks[node] = rank;
      if (this.#open[node] === 0) ready[rank >> 5] = (ready[rank >> 5] as number) | (1 << (rank & 31));
    }
    let now = 0;
    let busy = 0;
    for (const node of this.#pinned) {
      const rank = at(this.#ranks, node);
      ready[rank >> 5] = at(ready, rank >> 5) & ~(1 << (rank & 31));
      if (this.#hasConflicts) this.#block(node);
      busy = this.#start(node, 0, busy);
    }
    let ended = 0;
    let firstWord = 0;
    const words = ready.length;
    while (ended < size) {
      while (busy < this.#workers) {
        while (firstWord < words && ready[firstWord] === 0) firstWord += 1;
        if (firstWord === words) break;
        const word = ready[firstWord] as number;
        const bit = word & -word;
        ready[firstWord] = word ^ bit;
        const node = list[(firstWord << 5) + 31 - Math.clz32(bit)] as number;
        if (this.#hasConflicts && !this.#claim(node)) continue;
        busy = this.#start(node, now, busy);
      }
      now = this.ends[running[busy - 1] as number] as number;
      do {
        busy -= 1;
        const node = running[busy] as number;
        this.endOrder[ended] = node;
        ended += 1;
        firstWord = Math.min(firstWord, this.#hasConflicts ? this.#unblock(node) : firstWord, this.#free(node));
      } while (busy > 0 && this.ends[running[busy - 1] as number] === now);
    }
    this.makespan = now;
    return now;
  }

  /** Returns how many nodes are in work then. */
  #start(node: number, now: number, busy: number): number {
    const { starts, ends } = this;
    const running = this.#running;
    const end = now + (this.#graph.seconds[node] as number);
    starts[node] = now;
    ends[node] = end;
    let place = busy;
    while (place > 0 && (ends[running[place - 1] as number] as number) <= end) {
      running[place] = running[place - 1] as number;
      place -= 1;
    }
    running[place] = node;
    return busy + 1;
  }

  /** Makes ready what waited for this node alone; returns the first word of ranks that it touched. */
  #free(node: number): number {
    const { offsets, targets } = this.#graph.successors;
    const open = this.#open;
    const ready = this.#ready;
    let first = ready.length;
    for (let edge = offsets[node] as number; edge < (offsets[node + 1] as number); edge += 1) {
      const below = targets[edge] as number;
      const left = (open[below] as number) - 1;
      open[below] = left;
      if (left > 0) continue;
      const rank = this.#ranks[below] as number;
      ready[rank >> 5] = (ready[rank >> 5] as number) | (1 << (rank & 31));
      if (rank >> 5 < first) first = rank >> 5;
    }
    return first;
  }

  /** Puts a ready node into work, or holds it back while another one is in its way. */
  #claim(node: number): boolean {
    if (this.#blocked[node] !== 0) {
      this.#heldBack[node] = 1;
      return false;
    }
    this.#block(node);
    return true;
  }

  #block(node: number): void {
    const { offsets, targets } = this.#graph.conflicts;
    for (let edge = at(offsets, node); edge < at(offsets, node + 1); edge += 1) {
      const other = at(targets, edge);
      this.#blocked[other] = at(this.#blocked, other) + 1;
    }
  }

  /** Makes ready again what only this node kept from starting; returns the first word that it touched. */
  #unblock(node: number): number {
    const { offsets, targets } = this.#graph.conflicts;
    let first = this.#ready.length;
    for (let edge = at(offsets, node); edge < at(offsets, node + 1); edge += 1) {
      const other = at(targets, edge);
      const left = at(this.#blocked, other) - 1;
      this.#blocked[other] = left;
      if (left > 0 || this.#heldBack[other] === 0) continue;
      this.#heldBack[other] = 0;
      const rank = at(this.#ranks, other);
      this.#ready[rank >> 5] = at(this.#ready, rank >> 5) | (1 << (rank & 31));
      first = Math.min(first, rank >> 5);
    }
    return first;
  }
}
