import { topLevels } from './critical-path.ts';
import { at, type TaskGraph } from './graph.ts';

/**
 * Up to four lists to schedule by, the most usual first: longest remaining chain, then the plan's order. The others
 * break ties by fan-out, by duration and by the plan's order backwards.
 */
export function forwardLists(graph: TaskGraph, levels: Float64Array, count: number): Int32Array[] {
  const { size, seconds, successors } = graph;
  const fanOut = (node: number): number => at(successors.offsets, node + 1) - at(successors.offsets, node);
  const ties: ((a: number, b: number) => number)[] = [
    (a, b) => a - b,
    (a, b) => fanOut(b) - fanOut(a) || a - b,
    (a, b) => at(seconds, b) - at(seconds, a) || a - b,
    (_a, b) => b - _a,
  ];
  return ties.slice(0, count).map((tie) => sorted(size, (a, b) => at(levels, b) - at(levels, a) || tie(a, b)));
}

/** A list to schedule by backwards in time: longest chain before, the end of the node included. */
export function backwardList(graph: TaskGraph): Int32Array {
  const earliestEnds = topLevels(graph).map((start, node) => start + at(graph.seconds, node));
  return sorted(graph.size, (a, b) => at(earliestEnds, b) - at(earliestEnds, a) || b - a);
}

function sorted(size: number, compare: (a: number, b: number) => number): Int32Array {
  return Int32Array.from({ length: size }, (_, node) => node).sort(compare);
}
