import { bottomLevels, topLevels } from './critical-path.ts';
import { at, type TaskGraph } from './graph.ts';

/** Thresholds that `provenBound` tries at most, so that it stays linear in large graphs. */
const MAX_THRESHOLDS = 256;

/** Seconds that no schedule can beat for a plain reason: the longest chain, or all work shared evenly. */
export function lowerBound(graph: TaskGraph, workers: number): number {
  return Math.max(longest(bottomLevels(graph)), sum(graph.seconds) / workers);
}

/**
 * A sharper bound, to know when to stop searching. Whatever can only start `a` seconds after the start and has `b`
 * seconds of chain behind it must fit in between; and the workers get busy, and idle again, one by one. A node that
 * all others come before or after splits the work in two that add up.
 */
export function provenBound(graph: TaskGraph, workers: number): number {
  const heads = topLevels(graph);
  const tails = bottomLevels(graph).map((level, node) => level - at(graph.seconds, node));
  let bound = 0;
  for (const part of partsBetweenBottlenecks(graph)) bound += partBound(graph.seconds, part, heads, tails, workers);
  // Everything that ends, ends at a multiple of what all durations are multiples of.
  const unit = graph.seconds.reduce(commonDivisor, 0);
  const raised = unit > 0 ? Math.ceil(bound / unit - 1e-9) * unit : bound;
  return Math.max(raised, lowerBound(graph, workers));
}

function partBound(
  seconds: Float64Array,
  part: readonly number[],
  heads: Float64Array,
  tails: Float64Array,
  workers: number,
): number {
  const headBase = Math.min(...part.map((node) => at(heads, node)));
  const tailBase = Math.min(...part.map((node) => at(tails, node)));
  const byTail = part.toSorted((a, b) => at(tails, b) - at(tails, a));
  const thresholds = [...new Set(part.map((node) => at(heads, node)))].sort((a, b) => a - b);
  const step = Math.ceil(thresholds.length / MAX_THRESHOLDS);
  const earliest = new Float64Array(workers);
  const latest = new Float64Array(workers);
  let bound = 0;
  for (let index = 0; index < thresholds.length; index += step) {
    const threshold = thresholds[index] as number;
    let count = 0;
    let work = 0;
    let headSum = 0;
    let tailSum = 0;
    for (const node of byTail) {
      const head = at(heads, node);
      if (head < threshold) continue;
      const tail = at(tails, node) - tailBase;
      work += at(seconds, node);
      // Tails come in descending order: the last ones are the smallest.
      tailSum += tail - at(latest, count % workers) * (count < workers ? 0 : 1);
      latest[count % workers] = tail;
      headSum += insertSmallest(earliest, Math.min(count, workers), head - headBase);
      count += 1;
      const chain = head - headBase + at(seconds, node) + tail;
      // Fewer nodes than workers leave workers out, about which this says nothing.
      bound = Math.max(bound, chain, count < workers ? 0 : (headSum + work + tailSum) / workers);
    }
  }
  return bound;
}

/** Keeps the smallest values in ascending order; returns by how much their sum changes. */
function insertSmallest(smallest: Float64Array, filled: number, value: number): number {
  const full = filled === smallest.length;
  const dropped = full ? at(smallest, filled - 1) : 0;
  if (full && value >= dropped) return 0;
  let place = full ? filled - 1 : filled;
  while (place > 0 && at(smallest, place - 1) > value) {
    smallest[place] = at(smallest, place - 1);
    place -= 1;
  }
  smallest[place] = value;
  return value - dropped;
}

/** The nodes in groups, each of which can only start when the one before has ended. */
function partsBetweenBottlenecks({ size, predecessors, successors, topological }: TaskGraph): number[][] {
  const before = soleReady(topological, predecessors.offsets, successors, size);
  const after = soleReady(topological.toReversed(), successors.offsets, predecessors, size);
  const parts: number[][] = [];
  let part: number[] = [];
  for (const node of topological) {
    if (before[node] === 1 && after[node] === 1) {
      if (part.length > 0) parts.push(part);
      parts.push([node]);
      part = [];
    } else part.push(node);
  }
  if (part.length > 0) parts.push(part);
  return parts;
}

/** Marks nodes that are the only ready one at their turn: all that is left then comes after them. */
function soleReady(
  order: Int32Array,
  needs: Int32Array,
  { offsets, targets }: TaskGraph['successors'],
  size: number,
): Uint8Array {
  const open = Int32Array.from({ length: size }, (_, node) => at(needs, node + 1) - at(needs, node));
  const marks = new Uint8Array(size);
  let ready = open.reduce((count, need) => count + (need === 0 ? 1 : 0), 0);
  for (const node of order) {
    if (ready === 1) marks[node] = 1;
    ready -= 1;
    for (let edge = at(offsets, node); edge < at(offsets, node + 1); edge += 1) {
      const other = at(targets, edge);
      open[other] = at(open, other) - 1;
      if (open[other] === 0) ready += 1;
    }
  }
  return marks;
}

/** 0 for what has no unit worth using. */
function commonDivisor(a: number, b: number): number {
  if (!Number.isSafeInteger(a) || !Number.isSafeInteger(b)) return Number.NaN;
  return b === 0 ? a : commonDivisor(b, a % b);
}

function longest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
