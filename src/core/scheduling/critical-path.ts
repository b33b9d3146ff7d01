import { type Adjacency, at, type TaskGraph } from './graph.ts';

/** Seconds from each node's start to the end of the longest chain that begins with it. */
export function bottomLevels({ size, seconds, successors, topological }: TaskGraph): Float64Array {
  const levels = new Float64Array(size);
  for (let place = size - 1; place >= 0; place -= 1) {
    const node = at(topological, place);
    levels[node] = longestAfter(node, successors, levels) + at(seconds, node);
  }
  return levels;
}

/** A function of its own, or V8 throws away what it has compiled of the loop in the middle of nearly each round. */
function longestAfter(node: number, { offsets, targets }: Adjacency, levels: Float64Array): number {
  const end = at(offsets, node + 1);
  let longest = 0;
  for (let edge = at(offsets, node); edge < end; edge += 1) {
    const level = levels[targets[edge] as number] as number;
    if (level > longest) longest = level;
  }
  return longest;
}

/** Earliest start of each node in seconds, with a worker for everyone. */
export function topLevels({ size, seconds, predecessors, topological }: TaskGraph): Float64Array {
  const levels = new Float64Array(size);
  for (const node of topological) {
    let earliest = 0;
    for (let edge = at(predecessors.offsets, node); edge < at(predecessors.offsets, node + 1); edge += 1) {
      const above = at(predecessors.targets, edge);
      earliest = Math.max(earliest, at(levels, above) + at(seconds, above));
    }
    levels[node] = earliest;
  }
  return levels;
}

/** The nodes of a longest chain, first to last; the first in the plan's order where several are as long. */
export function criticalPath(graph: TaskGraph): number[] {
  const { size, successors } = graph;
  const levels = bottomLevels(graph);
  const longestOf = (nodes: Iterable<number>): number => {
    let found = -1;
    for (const node of nodes) if (found < 0 || at(levels, node) > at(levels, found)) found = node;
    return found;
  };
  const path: number[] = [];
  let node = longestOf(Array(size).keys());
  while (node >= 0) {
    path.push(node);
    node = longestOf(successors.targets.subarray(at(successors.offsets, node), at(successors.offsets, node + 1)));
  }
  return path;
}
