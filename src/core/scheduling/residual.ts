import { type Adjacency, adjacency, at, type PlannableGraph } from './graph.ts';
import type { Situation } from './situation.ts';

/** What is left of a graph: node `i` of `graph` is `nodes[i]` of the whole one. */
export interface Residual {
  readonly graph: PlannableGraph;
  readonly nodes: readonly number[];
  /** Nodes of `graph` that are in work; their seconds are what is left of them. */
  readonly pinned: readonly number[];
}

export function residual(
  whole: PlannableGraph,
  { now, isDone, running }: Pick<Situation, 'now' | 'isDone' | 'running'>,
): Residual {
  const nodes = Array.from({ length: whole.size }, (_, node) => node).filter((node) => !isDone(node));
  const places = new Int32Array(whole.size).fill(-1);
  nodes.forEach((node, place) => {
    places[node] = place;
  });
  const left = ({ offsets, targets }: Adjacency): Adjacency =>
    adjacency(
      nodes.map((node) =>
        Array.from(targets.subarray(at(offsets, node), at(offsets, node + 1)), (other) => at(places, other)).filter(
          (place) => place >= 0,
        ),
      ),
    );
  const seconds = Float64Array.from(nodes, (node) => at(whole.seconds, node));
  const pinned = running().map(({ node, expectedEnd }) => {
    const place = at(places, node);
    seconds[place] = Math.max(0, expectedEnd - now);
    return place;
  });
  const graph: PlannableGraph = {
    size: nodes.length,
    seconds,
    successors: left(whole.successors),
    predecessors: left(whole.predecessors),
    conflicts: left(whole.conflicts),
    priorities: Float64Array.from(nodes, (node) => at(whole.priorities, node)),
    scopes: nodes.map((node) => whole.scopes[node]),
    topological: whole.topological.map((node) => at(places, node)).filter((place) => place >= 0),
  };
  return { graph, nodes, pinned };
}
