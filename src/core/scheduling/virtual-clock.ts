import { at, type TaskGraph } from './graph.ts';
import type { Decision, Running, Situation } from './situation.ts';

/** Where and when a node ran, in seconds from the start. Workers count from 0. */
export interface Placement {
  readonly node: number;
  readonly worker: number;
  readonly start: number;
  readonly end: number;
}

/** Whoever says what starts next; `Lookahead` in the product. */
export interface Chooser {
  next(situation: Situation): Decision;
}

/**
 * Runs a graph on a virtual clock: the chooser is asked at the start and whenever something ends, and knows of a
 * running node only its estimate; one that takes longer is expected any moment. Ready nodes are given in the order in
 * which they became ready. `real` has the true durations. Returns the placements by start. Throws when the chooser lets everything wait.
 */
export function runOnVirtualClock(
  graph: TaskGraph,
  workers: number,
  chooser: Chooser,
  real: Float64Array = graph.seconds,
): Placement[] {
  const placements: Placement[] = [];
  const open = Int32Array.from(
    graph.predecessors.offsets.subarray(1),
    (end, node) => end - at(graph.predecessors.offsets, node),
  );
  const ready: number[] = [];
  open.forEach((count, node) => {
    if (count === 0) ready.push(node);
  });
  const done = new Uint8Array(graph.size);
  const idle = Array.from({ length: Math.min(workers, graph.size) }, (_, worker) => worker);
  let running: Placement[] = [];
  let now = 0;
  for (let left = graph.size; left > 0; ) {
    const known = running.map(({ node, start }): Running => {
      return { node, startedAt: start, expectedEnd: Math.max(now, start + at(graph.seconds, node)) };
    });
    const { start } = chooser.next({
      now,
      isDone: (node) => done[node] === 1,
      running: known,
      ready,
      free: idle.length,
    });
    for (const node of start) {
      const worker = idle.shift();
      const place = ready.indexOf(node);
      if (worker === undefined || place < 0) throw new Error(`Node ${node} can not start at ${now}.`);
      ready.splice(place, 1);
      const placement = { node, worker, start: now, end: now + at(real, node) };
      placements.push(placement);
      running.push(placement);
    }
    if (running.length === 0) throw new Error(`Nothing runs at ${now}, and nothing is started.`);
    now = running.reduce((soonest, { end }) => Math.min(soonest, end), Number.POSITIVE_INFINITY);
    for (const { node, worker, end } of running) {
      if (end > now) continue;
      left -= 1;
      done[node] = 1;
      idle.push(worker);
      for (const below of graph.successors.targets.subarray(
        at(graph.successors.offsets, node),
        at(graph.successors.offsets, node + 1),
      )) {
        const count = at(open, below) - 1;
        open[below] = count;
        if (count === 0) ready.push(below);
      }
    }
    running = running.filter(({ end }) => end > now);
    idle.sort((a, b) => a - b);
  }
  return placements;
}
