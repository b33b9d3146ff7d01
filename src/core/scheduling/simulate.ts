import { criticalPath } from './critical-path.ts';
import { type GraphNode, taskGraph } from './graph.ts';
import { Lookahead, type LookaheadOptions } from './lookahead.ts';
import { lowerBound } from './lower-bound.ts';
import { runOnVirtualClock } from './virtual-clock.ts';

/** Times in seconds from the start; workers count from 1. */
export interface Simulation {
  readonly makespan: number;
  /** The longer of the critical path and all work shared evenly: no schedule is shorter. */
  readonly lowerBound: number;
  /** Ids of a longest chain of dependencies, first to last. */
  readonly criticalPath: readonly string[];
  /** By start. */
  readonly schedule: readonly {
    readonly id: string;
    readonly worker: number;
    readonly start: number;
    readonly end: number;
  }[];
}

/** Runs the product's scheduler on a virtual clock on which everything takes as long as estimated. */
export function simulate(
  nodes: readonly GraphNode[],
  workers: number,
  options: Partial<LookaheadOptions> = {},
): Simulation {
  const graph = taskGraph(nodes);
  const idOf = (node: number): string => nodes[node]?.id ?? '';
  const placements = runOnVirtualClock(graph, workers, new Lookahead(graph, workers, options));
  const makespan = placements.reduce((latest, { end }) => Math.max(latest, end), 0);
  return {
    makespan,
    // Sums in another order may differ in the last digit.
    lowerBound: Math.min(lowerBound(graph, workers), makespan),
    criticalPath: criticalPath(graph).map(idOf),
    schedule: placements.map(({ node, worker, start, end }) => ({ id: idOf(node), worker: worker + 1, start, end })),
  };
}
