import { at, type TaskGraph } from './graph.ts';
import type { Running, Situation } from './situation.ts';

/** Where and when a node ran, in seconds from the start. Workers count from 0. */
export interface Placement {
  readonly node: number;
  readonly worker: number;
  readonly start: number;
  readonly end: number;
}

/** Whoever says what starts next; `Lookahead` in the product, which says what these mean. */
export interface Chooser {
  ready(node: number): void;
  next(situation: Situation): number | undefined;
  start(node: number): void;
  end(node: number): void;
}

/**
 * Runs a graph on a virtual clock: the chooser is asked at the start and whenever something ends, and knows of a
 * running node only its estimate; one that takes longer is expected any moment. It hears of ready nodes in the order in
 * which they become ready. `real` has the true durations. Returns the placements by start. Throws when the chooser
 * starts what is not ready, or lets everything wait.
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
  const ready = new Set<number>();
  const becomesReady = (node: number): void => {
    ready.add(node);
    chooser.ready(node);
  };
  open.forEach((count, node) => {
    if (count === 0) becomesReady(node);
  });
  const done = new Uint8Array(graph.size);
  const idle = Array.from({ length: Math.min(workers, graph.size) }, (_, worker) => worker);
  let running: Placement[] = [];
  let now = 0;
  const situation = (): Situation => ({
    now,
    isDone: (node) => done[node] === 1,
    running: () =>
      running.map(({ node, start }): Running => {
        return { node, startedAt: start, expectedEnd: Math.max(now, start + at(graph.seconds, node)) };
      }),
    free: idle.length,
  });
  for (let left = graph.size; left > 0; ) {
    for (let node = chooser.next(situation()); node !== undefined; node = chooser.next(situation())) {
      const worker = idle.shift();
      if (worker === undefined || !ready.delete(node)) throw new Error(`Node ${node} can not start at ${now}.`);
      chooser.start(node);
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
      chooser.end(node);
      for (const below of graph.successors.targets.subarray(
        at(graph.successors.offsets, node),
        at(graph.successors.offsets, node + 1),
      )) {
        const count = at(open, below) - 1;
        open[below] = count;
        if (count === 0) becomesReady(below);
      }
    }
    running = running.filter(({ end }) => end > now);
    idle.sort((a, b) => a - b);
  }
  return placements;
}
