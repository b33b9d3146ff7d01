import { Heap } from './heap.ts';
import { type Area, areaOf, ScopeLocks } from './scope-locks.ts';

/** Nodes with the same scope: at most one of them is in work. */
interface Group {
  readonly scope: readonly string[];
  /** Found when somebody asks for it, which takes a while where there are many. */
  area: Area | undefined;
  /** Its node where there is no other, as there is in most plans; then `ready` is left out, of which there would be many. */
  readonly node: number;
  /** Ranks. May hold some that are out of date. */
  ready: Heap | undefined;
  /** A node that has taken some of its files; it waits for that one's end. */
  parkedUnder: number | undefined;
}

/**
 * Ready nodes in the order of their ranks, of which those are passed over whose files are taken. Every operation takes
 * amortised O(log n).
 */
export class ReadyQueue {
  readonly #locks = new ScopeLocks();
  /** Node → its group; undefined: it stands in nobody's way. */
  readonly #groupOf: readonly (Group | undefined)[];
  readonly #ready: Uint8Array;
  readonly #parked = new Map<number, Group[]>();
  /** Ranks of nodes without a group, and of the first node of each group. May hold some that are out of date. */
  readonly #heads = new Heap();
  #ranks: Int32Array;
  #byRank: Int32Array;
  #size = 0;

  /** `order` has all nodes, the most urgent first; `scopes[node]` undefined: it stands in nobody's way. */
  constructor(scopes: readonly (readonly string[] | undefined)[], order: Int32Array) {
    const groups = new Map<string, Group>();
    this.#groupOf = scopes.map((scope, node) => {
      if (scope === undefined) return undefined;
      const key = scope.join('\n');
      const known = groups.get(key);
      if (known) {
        known.ready ??= new Heap();
        return known;
      }
      const group: Group = { scope, area: undefined, node, ready: undefined, parkedUnder: undefined };
      groups.set(key, group);
      return group;
    });
    this.#ready = new Uint8Array(scopes.length);
    this.#byRank = order;
    this.#ranks = ranksOf(order);
  }

  get size(): number {
    return this.#size;
  }

  has(node: number): boolean {
    return this.#ready[node] === 1;
  }

  nodes(): number[] {
    return [...this.#ready.keys()].filter((node) => this.#ready[node] === 1);
  }

  add(node: number): void {
    if (this.#ready[node] === 1) return;
    this.#ready[node] = 1;
    this.#size += 1;
    this.#push(node);
  }

  /** The most urgent ready node whose files are free; it stays in the queue. */
  peek(): number | undefined {
    for (let rank = this.#heads.first; rank !== undefined; rank = this.#heads.first) {
      const node = this.#byRank[rank] as number;
      const group = this.#groupOf[node];
      const isReady = this.#ready[node] === 1;
      if (isReady && group === undefined) return node;
      if (isReady && group && group.parkedUnder === undefined && isFirst(group, rank)) {
        const blocker = this.#locks.blocker(areaOfGroup(group));
        if (blocker === undefined) return node;
        this.#park(group, blocker);
      }
      this.#heads.pop();
    }
    return undefined;
  }

  /** Puts a node into work, ready or not: it has its files from now on. */
  start(node: number): void {
    this.withdraw(node);
    const group = this.#groupOf[node];
    if (group) this.#locks.take(node, areaOfGroup(group));
  }

  /** Takes a node out that is not to start. */
  withdraw(node: number): void {
    if (this.#ready[node] !== 1) return;
    this.#ready[node] = 0;
    this.#size -= 1;
    const group = this.#groupOf[node];
    if (group) this.#showHead(group);
  }

  /** A node in work has ended or gives up: its files are free. */
  release(node: number): void {
    this.#locks.release(node);
    const parked = this.#parked.get(node);
    if (parked === undefined) return;
    this.#parked.delete(node);
    for (const group of parked) {
      group.parkedUnder = undefined;
      this.#showHead(group);
    }
  }

  /** Orders all nodes anew. */
  rank(order: Int32Array): void {
    const nodes = this.nodes();
    this.#byRank = order;
    this.#ranks = ranksOf(order);
    this.#heads.clear();
    for (const group of this.#groupOf) group?.ready?.clear();
    for (const node of nodes) this.#push(node);
  }

  #push(node: number): void {
    const rank = this.#ranks[node] as number;
    const group = this.#groupOf[node];
    group?.ready?.push(rank);
    if (group === undefined || (group.parkedUnder === undefined && isFirst(group, rank))) this.#heads.push(rank);
  }

  #showHead(group: Group): void {
    const rank = this.#headOf(group);
    if (rank !== undefined && group.parkedUnder === undefined) this.#heads.push(rank);
  }

  #headOf({ node, ready }: Group): number | undefined {
    if (ready === undefined) return this.#ready[node] === 1 ? this.#ranks[node] : undefined;
    while (ready.first !== undefined && this.#ready[this.#byRank[ready.first] as number] !== 1) ready.pop();
    return ready.first;
  }

  #park(group: Group, blocker: number): void {
    group.parkedUnder = blocker;
    const parked = this.#parked.get(blocker);
    if (parked) parked.push(group);
    else this.#parked.set(blocker, [group]);
  }
}

/** Whether a ready node of this rank is the most urgent of its group. */
function isFirst({ ready }: Group, rank: number): boolean {
  return ready === undefined || ready.first === rank;
}

function areaOfGroup(group: Group): Area {
  group.area ??= areaOf(group.scope);
  return group.area;
}

function ranksOf(order: Int32Array): Int32Array {
  const ranks = new Int32Array(order.length);
  order.forEach((node, rank) => {
    ranks[node] = rank;
  });
  return ranks;
}
