import { conflictsOf } from './conflicts.ts';

/** What scheduling needs to know of a subtask. */
export interface GraphNode {
  readonly id: string;
  readonly dependsOn: readonly string[];
  /** Expected time of a worker, zero or more. */
  readonly seconds: number;
  /** Globs of what it may write: overlapping scopes never run at once. Undefined: it stands in nobody's way. */
  readonly scope: readonly string[] | undefined;
  /** The person's word, 1 to 10: 10 goes first where nothing else tells two apart. */
  readonly priority?: number | undefined;
}

/** What a subtask without an estimate is taken for. */
export const DEFAULT_ESTIMATE_SECONDS = 300;

/** Larger graphs are not planned in advance: a plan would hold up a run for too long. */
export const MOST_PLANNED = 1_000;

/** What a subtask without a priority has. */
const DEFAULT_PRIORITY = 5;

/** Neighbours of node `i`: `targets[offsets[i]]` up to, without, `targets[offsets[i + 1]]`. */
export interface Adjacency {
  readonly offsets: Int32Array;
  readonly targets: Int32Array;
}

/** A plan as numbers: node `i` is the i-th subtask. Immutable. */
export interface TaskGraph {
  readonly size: number;
  readonly seconds: Float64Array;
  readonly successors: Adjacency;
  readonly predecessors: Adjacency;
  readonly priorities: Float64Array;
  readonly scopes: readonly (readonly string[] | undefined)[];
  /** Nodes that may not run at the same time; undefined: there are too many pairs to list. */
  readonly conflicts: Adjacency | undefined;
  /** Every node after all that it depends on. */
  readonly topological: Int32Array;
}

/** One for which schedules can be made in advance. */
export interface PlannableGraph extends TaskGraph {
  readonly conflicts: Adjacency;
}

/** One that was made of subtasks. */
export interface NamedGraph extends TaskGraph {
  /** Id → node. */
  readonly indexes: ReadonlyMap<string, number>;
}

export function isPlannable(graph: TaskGraph): graph is PlannableGraph {
  return graph.conflicts !== undefined;
}

/**
 * Throws a RangeError for an unknown dependency or a circle: whoever takes in a plan says that better before. A graph of
 * more than `MOST_PLANNED` nodes is not made ready for schedules in advance, which takes most of the time.
 * @param isDone whether a dependency that is no node may be left out
 */
export function taskGraph(nodes: readonly GraphNode[], isDone: (id: string) => boolean = () => false): NamedGraph {
  const indexes = new Map<string, number>();
  nodes.forEach(({ id }, node) => {
    indexes.set(id, node);
  });
  const predecessors = dependencies(nodes, indexes, isDone);
  const successors = transposed(predecessors);
  const scopes = nodes.map(({ scope }) => scope);
  const conflicts = nodes.length > MOST_PLANNED ? undefined : conflictsOf(scopes);
  return {
    size: nodes.length,
    indexes,
    seconds: Float64Array.from(nodes, ({ seconds }) => seconds),
    successors,
    predecessors,
    priorities: Float64Array.from(nodes, ({ priority }) => priority ?? DEFAULT_PRIORITY),
    scopes,
    conflicts: conflicts && adjacency(conflicts),
    topological: topologicalOrder(predecessors, successors),
  };
}

/** The same work backwards in time. */
export function reversed(graph: PlannableGraph): PlannableGraph {
  return {
    ...graph,
    successors: graph.predecessors,
    predecessors: graph.successors,
    topological: graph.topological.toReversed(),
  };
}

export function adjacency(lists: readonly (readonly number[])[]): Adjacency {
  const offsets = new Int32Array(lists.length + 1);
  lists.forEach((list, index) => {
    offsets[index + 1] = at(offsets, index) + list.length;
  });
  return { offsets, targets: Int32Array.from(lists.flat()) };
}

/** A typed array's element; the index is known to be inside. */
export function at(array: Int32Array | Float64Array, index: number): number {
  return array[index] as number;
}

/*
 * What follows comes by each dependency once, when a run begins or goes on: too seldom to be compiled well, so these
 * loops call no functions.
 */

function dependencies(
  nodes: readonly GraphNode[],
  indexes: ReadonlyMap<string, number>,
  isDone: (id: string) => boolean,
): Adjacency {
  let most = 0;
  for (const { dependsOn } of nodes) most += dependsOn.length;
  const offsets = new Int32Array(nodes.length + 1);
  const targets = new Int32Array(most);
  /** Who named it last, so that none counts twice. */
  const namedBy = new Int32Array(nodes.length).fill(-1);
  let filled = 0;
  let node = 0;
  for (const { dependsOn } of nodes) {
    for (const id of dependsOn) {
      const index = indexes.get(id);
      if (index === undefined && isDone(id)) continue;
      if (index === undefined) throw new RangeError(`There is no subtask "${id}" to depend on.`);
      if (namedBy[index] === node) continue;
      namedBy[index] = node;
      targets[filled++] = index;
    }
    node += 1;
    offsets[node] = filled;
  }
  return { offsets, targets: targets.subarray(0, filled) };
}

function transposed({ offsets, targets }: Adjacency): Adjacency {
  const size = offsets.length - 1;
  const begins = new Int32Array(size + 1);
  for (let edge = 0; edge < targets.length; edge += 1) {
    const after = (targets[edge] as number) + 1;
    begins[after] = (begins[after] as number) + 1;
  }
  for (let node = 0; node < size; node += 1) begins[node + 1] = (begins[node + 1] as number) + (begins[node] as number);
  const places = begins.slice();
  const sources = new Int32Array(targets.length);
  for (let from = 0; from < size; from += 1) {
    const end = offsets[from + 1] as number;
    for (let edge = offsets[from] as number; edge < end; edge += 1) {
      const target = targets[edge] as number;
      const place = places[target] as number;
      sources[place] = from;
      places[target] = place + 1;
    }
  }
  return { offsets: begins, targets: sources };
}

function topologicalOrder(predecessors: Adjacency, { offsets, targets }: Adjacency): Int32Array {
  const size = offsets.length - 1;
  const open = new Int32Array(size);
  const order = new Int32Array(size);
  let filled = 0;
  for (let node = 0; node < size; node += 1) {
    const count = (predecessors.offsets[node + 1] as number) - (predecessors.offsets[node] as number);
    open[node] = count;
    if (count === 0) order[filled++] = node;
  }
  for (let next = 0; next < filled; next += 1) {
    const node = order[next] as number;
    const end = offsets[node + 1] as number;
    for (let edge = offsets[node] as number; edge < end; edge += 1) {
      const below = targets[edge] as number;
      const left = (open[below] as number) - 1;
      open[below] = left;
      if (left === 0) order[filled++] = below;
    }
  }
  if (filled < size) throw new RangeError('The subtasks depend on each other in a circle.');
  return order;
}
