import { bottomLevels } from './critical-path.ts';
import { isPlannable, MOST_PLANNED, type PlannableGraph, type TaskGraph } from './graph.ts';
import { urgency } from './priority.ts';
import { ReadyQueue } from './ready-queue.ts';
import { residual } from './residual.ts';
import { bestSchedule } from './search.ts';
import type { Situation } from './situation.ts';
import { Timetable } from './timetable.ts';

/** Default of `LookaheadOptions.effort`: a few milliseconds. */
export const EFFORT = 40_000;

/** Seconds between two plans: planning more often would cost more than it saves. */
const REPLAN_SECONDS = 1;

/**
 * Once estimates have proved wrong, a plan that is a little shorter on paper is longer in reality, because it relies
 * on them more than the critical path does. A large difference holds.
 */
const REPLAN_MARGIN = 0.05;

export interface LookaheadOptions {
  /** How often a node is put into a schedule, at most, each time it plans. 0: plain critical path. */
  readonly effort: number;
  /** Larger graphs are scheduled by urgency alone, which takes O(log n) for each node. */
  readonly maxPlanned: number;
  /** Nodes that a person wants before all others, the most urgent first. */
  readonly first: readonly number[];
}

/**
 * Decides which ready node starts next. It plans the whole graph once and keeps to that plan as long as reality does.
 * When something ends earlier or later than expected, it plans the rest again from what is real, and goes by urgency
 * (the critical path first) where a plan promises no more.
 */
export class Lookahead {
  /** Undefined: nothing is planned in advance. */
  readonly #graph: PlannableGraph | undefined;
  readonly #workers: number;
  readonly #options: LookaheadOptions;
  readonly #urgency: Int32Array;
  readonly #queue: ReadyQueue;
  /** Times on the clock of the situations. */
  #plan: Timetable | undefined;
  #keptAt = Number.NEGATIVE_INFINITY;
  #plannedAt = Number.NEGATIVE_INFINITY;

  constructor(graph: TaskGraph, workers: number, options: Partial<LookaheadOptions> = {}) {
    this.#workers = workers;
    this.#options = { effort: EFFORT, maxPlanned: MOST_PLANNED, first: [], ...options };
    this.#graph = graph.size <= this.#options.maxPlanned && isPlannable(graph) ? graph : undefined;
    this.#urgency = urgency(graph, bottomLevels(graph));
    this.#queue = new ReadyQueue(graph.scopes, this.#order(this.#urgency));
  }

  /** Ready nodes that wait. */
  get waiting(): number {
    return this.#queue.size;
  }

  isReady(node: number): boolean {
    return this.#queue.has(node);
  }

  /** A node's dependencies are done: it may start. */
  ready(node: number): void {
    this.#queue.add(node);
  }

  /** A ready node is not to start, until `ready` says so again. */
  withdraw(node: number): void {
    this.#queue.withdraw(node);
  }

  /** A node is in work: its files are taken. */
  start(node: number): void {
    this.#queue.start(node);
  }

  /** A node is not in work any more: its files are free. */
  end(node: number): void {
    this.#queue.release(node);
  }

  /**
   * The ready node to start next; undefined where there is none or no worker. It stays ready until `start`. None waits for
   * a more urgent one that is not ready: estimates are too uncertain for that, and nobody could say what it waits for.
   */
  next(situation: Situation): number | undefined {
    if (situation.free <= 0 || this.#queue.size === 0) return undefined;
    this.#keepPlan(situation);
    return this.#queue.peek();
  }

  #keepPlan(situation: Situation): void {
    if (!this.#graph) return;
    const { now, free } = situation;
    // What is started at this very moment is started by the plan.
    if (this.#plan && this.#keptAt === now) return;
    this.#keptAt = now;
    if (this.#plan?.isKept(situation, this.#queue.peek())) return;
    const isFirst = this.#plannedAt === Number.NEGATIVE_INFINITY;
    const isWorthwhile = isFirst || (this.#queue.size > free && now - this.#plannedAt >= REPLAN_SECONDS);
    if (isWorthwhile) this.#planAnew(this.#graph, situation, isFirst);
    else if (this.#plan) {
      this.#plan = undefined;
      this.#queue.rank(this.#order(this.#urgency));
    }
  }

  #planAnew(whole: PlannableGraph, situation: Situation, isFirst: boolean): void {
    this.#plannedAt = situation.now;
    const { graph, nodes, pinned } = residual(whole, situation);
    const schedule = bestSchedule(graph, this.#workers, {
      effort: this.#options.effort,
      pinned,
      margin: isFirst ? 0 : REPLAN_MARGIN,
    });
    const plan = new Timetable(schedule, nodes, situation.now, whole.size);
    this.#plan = plan;
    // Sorting keeps the order of what is equal.
    this.#queue.rank(this.#order(this.#urgency.slice().sort((a, b) => plan.compare(a, b))));
  }

  #order(nodes: Int32Array): Int32Array {
    const { first } = this.#options;
    if (first.length === 0) return nodes;
    const urgent = new Set(first);
    return Int32Array.from([...first, ...nodes.filter((node) => !urgent.has(node))]);
  }
}
