import { topLevels } from './critical-path.ts';
import { at, type TaskGraph } from './graph.ts';

/**
 * All nodes, the most urgent first: longest remaining chain by the estimates, then how many wait for it directly, then
 * the person's priority, then the plan's order.
 *
 * @param levels see `bottomLevels`
 */
export function urgency(graph: TaskGraph, levels: Float64Array): Int32Array {
  const { size, priorities } = graph;
  return sorted(
    size,
    (a, b) =>
      at(levels, b) - at(levels, a) ||
      fanOut(graph, b) - fanOut(graph, a) ||
      at(priorities, b) - at(priorities, a) ||
      a - b,
  );
}

/**
 * Up to four lists to schedule by. All begin with the longest remaining chain; ties are broken as in `urgency`, by the
 * plan's order alone, by duration, and by the plan's order backwards.
 */
export function forwardLists(graph: TaskGraph, levels: Float64Array, count: number): Int32Array[] {
  const { size, seconds } = graph;
  const ties: ((a: number, b: number) => number)[] = [
    (a, b) => a - b,
    (a, b) => at(seconds, b) - at(seconds, a) || a - b,
    (a, b) => b - a,
  ];
  const others = ties.slice(0, count - 1);
  return [
    urgency(graph, levels),
    ...others.map((tie) => sorted(size, (a, b) => at(levels, b) - at(levels, a) || tie(a, b))),
  ];
}

/** A list to schedule by backwards in time: longest chain before, the end of the node included. */
export function backwardList(graph: TaskGraph): Int32Array {
  const earliestEnds = topLevels(graph).map((start, node) => start + at(graph.seconds, node));
  return sorted(graph.size, (a, b) => at(earliestEnds, b) - at(earliestEnds, a) || b - a);
}

function fanOut({ successors }: TaskGraph, node: number): number {
  return at(successors.offsets, node + 1) - at(successors.offsets, node);
}

function sorted(size: number, compare: (a: number, b: number) => number): Int32Array {
  return Int32Array.from({ length: size }, (_, node) => node).sort(compare);
}
