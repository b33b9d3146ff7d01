import { bottomLevels } from './critical-path.ts';
import { at, type TaskGraph } from './graph.ts';
import { residual } from './residual.ts';
import { bestSchedule } from './search.ts';
import type { Decision, Situation } from './situation.ts';
import { Timetable } from './timetable.ts';

type Compare = (a: number, b: number) => number;

/** Default of `LookaheadOptions.effort`: a few milliseconds. */
export const EFFORT = 40_000;

/** Larger graphs are scheduled by critical path alone. */
const MAX_PLANNED = 5_000;

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
  /** Whether a ready node may wait, while a worker idles, for one that will be ready soon and is more urgent. */
  readonly mayIdle: boolean;
}

/**
 * Decides which ready nodes start now. It plans the whole graph once and keeps to that plan as long as reality does.
 * When something ends earlier or later than expected, it plans the rest again from what is real, and goes by the
 * critical path where a plan promises no more.
 */
export class Lookahead {
  readonly #graph: TaskGraph;
  readonly #workers: number;
  readonly #options: LookaheadOptions;
  readonly #levels: Float64Array;
  /** Times on the clock of the situations. */
  #plan: Timetable | undefined;
  #plannedAt = Number.NEGATIVE_INFINITY;

  constructor(graph: TaskGraph, workers: number, options: Partial<LookaheadOptions> = {}) {
    this.#graph = graph;
    this.#workers = workers;
    this.#options = { effort: EFFORT, mayIdle: true, ...options };
    this.#levels = bottomLevels(graph);
  }

  next(situation: Situation): Decision {
    const { now, ready, running, free } = situation;
    if (free <= 0 || ready.length === 0) return { start: [], held: [] };
    const plan = this.#planFor(situation);
    if (!plan) return { start: this.#fitting(situation, this.#byCriticalPath), held: [] };
    const fitting = this.#fitting(situation, (a, b) => plan.compare(a, b) || this.#byCriticalPath(a, b));
    const start = fitting.filter((node) => plan.startsBy(node, now));
    if (start.length === 0 && running.length === 0) return { start: fitting, held: [] };
    return { start, held: fitting.filter((node) => !start.includes(node)) };
  }

  readonly #byCriticalPath: Compare = (a, b) => at(this.#levels, b) - at(this.#levels, a) || a - b;

  /** The first ready ones that can run beside each other and beside what runs. */
  #fitting({ running, ready, free }: Situation, compare: Compare): number[] {
    const { offsets, targets } = this.#graph.conflicts;
    if (targets.length === 0) return first(ready, free, compare);
    const inTheWay = new Set<number>();
    const block = (node: number): void => {
      for (const other of targets.subarray(at(offsets, node), at(offsets, node + 1))) inTheWay.add(other);
    };
    for (const { node } of running) block(node);
    const fitting: number[] = [];
    for (const node of ready.toSorted(compare)) {
      if (fitting.length >= free) break;
      if (inTheWay.has(node)) continue;
      fitting.push(node);
      block(node);
    }
    return fitting;
  }

  /** Undefined where the critical path decides. */
  #planFor(situation: Situation): Timetable | undefined {
    if (this.#plan?.isKept(situation)) return this.#plan;
    this.#plan = undefined;
    const { now, ready, free } = situation;
    const isFirst = this.#plannedAt === Number.NEGATIVE_INFINITY;
    const isWorthwhile = isFirst || (ready.length > free && now - this.#plannedAt >= REPLAN_SECONDS);
    if (!isWorthwhile || this.#graph.size > MAX_PLANNED) return undefined;
    this.#plannedAt = now;
    const { graph, nodes, pinned } = residual(this.#graph, situation);
    const { effort, mayIdle } = this.#options;
    const schedule = bestSchedule(graph, this.#workers, {
      effort,
      pinned,
      mayIdle: mayIdle && isFirst,
      margin: isFirst ? 0 : REPLAN_MARGIN,
    });
    this.#plan = new Timetable(schedule, nodes, now, this.#graph.size);
    return this.#plan;
  }
}

/** The first `count` of an order, without sorting all. */
function first(nodes: readonly number[], count: number, compare: Compare): number[] {
  if (count >= 8) return nodes.toSorted(compare).slice(0, count);
  const found: number[] = [];
  for (const node of nodes) {
    let place = found.length;
    while (place > 0 && compare(node, found[place - 1] ?? node) < 0) place -= 1;
    if (place >= count) continue;
    found.splice(place, 0, node);
    if (found.length > count) found.pop();
  }
  return found;
}
