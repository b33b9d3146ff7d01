import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scopesOverlap } from '../../../src/core/model/scope.ts';
import { bottomLevels } from '../../../src/core/scheduling/critical-path.ts';
import { type GraphNode, isPlannable, type PlannableGraph, taskGraph } from '../../../src/core/scheduling/graph.ts';
import { ListScheduler } from '../../../src/core/scheduling/list-schedule.ts';
import { lowerBound, provenBound } from '../../../src/core/scheduling/lower-bound.ts';
import { bestSchedule } from '../../../src/core/scheduling/search.ts';
import { type Simulation, simulate } from '../../../src/core/scheduling/simulate.ts';
import { randomNodes } from './random-nodes.ts';

const workers = fc.integer({ min: 1, max: 9 });

function plannable(nodes: readonly GraphNode[]): PlannableGraph {
  const graph = taskGraph(nodes);
  if (!isPlannable(graph)) throw new Error('Its conflicts are too many.');
  return graph;
}

/** Ties broken by the plan's order alone: the plainest way there is. */
function byCriticalPath(nodes: readonly GraphNode[], count: number): number {
  const graph = plannable(nodes);
  const levels = bottomLevels(graph);
  const list = Int32Array.from(nodes.keys()).sort((a, b) => (levels[b] ?? 0) - (levels[a] ?? 0) || a - b);
  return new ListScheduler(graph, count).run(list);
}

/** What is wrong with a schedule. */
function faults(nodes: readonly GraphNode[], count: number, { schedule, makespan }: Simulation): string[] {
  const placed = new Map(schedule.map((entry) => [entry.id, entry]));
  const found = placed.size === nodes.length && schedule.length === nodes.length ? [] : ['not every node once'];
  for (const { id, dependsOn, seconds } of nodes) {
    const entry = placed.get(id);
    if (!entry) continue;
    if (entry.start < 0 || entry.end !== entry.start + seconds || entry.end > makespan) found.push(`${id}: times`);
    if (entry.worker < 1 || entry.worker > count) found.push(`${id}: worker ${entry.worker}`);
    for (const above of dependsOn) if ((placed.get(above)?.end ?? 0) > entry.start) found.push(`${id} before ${above}`);
  }
  schedule.forEach((one, index) => {
    for (const other of schedule.slice(index + 1)) {
      const meet = one.start < other.end && other.start < one.end;
      if (meet && one.worker === other.worker) found.push(`${one.id} and ${other.id} on one worker`);
      const scopes = [one, other].map(({ id }) => nodes.find((node) => node.id === id)?.scope);
      if (meet && scopes[0] && scopes[1] && scopesOverlap(scopes[0], scopes[1]))
        found.push(`${one.id}, ${other.id}: scope`);
    }
  });
  return found;
}

describe('a schedule', () => {
  it('keeps dependencies, workers and scopes', () => {
    fc.assert(
      fc.property(randomNodes(40, { scopes: true }), workers, (nodes, count) => {
        expect(faults(nodes, count, simulate(nodes, count, { effort: 4000 }))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps them without a plan too, and starts whatever could start', () => {
    fc.assert(
      fc.property(randomNodes(40, { scopes: true }), workers, (nodes, count) => {
        const made = simulate(nodes, count, { maxPlanned: 0 });
        expect(faults(nodes, count, made)).toEqual([]);
        const at = new Map(made.schedule.map((entry) => [entry.id, entry]));
        for (const { id, dependsOn, scope } of nodes) {
          const start = at.get(id)?.start ?? 0;
          const readyAt = Math.max(0, ...dependsOn.map((above) => at.get(above)?.end ?? 0));
          if (start === readyAt) continue;
          // Just before it started, every worker was busy or one was at its files.
          const before = made.schedule.filter((entry) => entry.start < start && entry.end >= start);
          const inItsWay = before.some(({ id: other }) => {
            const their = nodes.find((node) => node.id === other)?.scope;
            return scope !== undefined && their !== undefined && scopesOverlap(scope, their);
          });
          expect(inItsWay || before.length >= count).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is never longer than by critical path, nor shorter than its bounds', () => {
    fc.assert(
      fc.property(randomNodes(60), workers, (nodes, count) => {
        const { makespan } = simulate(nodes, count, { effort: 6000 });
        const graph = taskGraph(nodes);
        expect(makespan).toBeLessThanOrEqual(byCriticalPath(nodes, count) * (1 + 1e-9));
        expect(makespan).toBeGreaterThanOrEqual(provenBound(graph, count) * (1 - 1e-9));
        expect(provenBound(graph, count)).toBeGreaterThanOrEqual(lowerBound(graph, count));
      }),
      { numRuns: 300 },
    );
  });

  it('is never longer than by critical path where scopes overlap', () => {
    fc.assert(
      fc.property(randomNodes(40, { scopes: true }), workers, (nodes, count) => {
        const { makespan } = simulate(nodes, count, { effort: 4000 });
        expect(makespan).toBeLessThanOrEqual(byCriticalPath(nodes, count) * (1 + 1e-9));
      }),
    );
  });

  it('is the same for the same plan', () => {
    fc.assert(
      fc.property(randomNodes(40, { scopes: true }), workers, (nodes, count) => {
        expect(simulate(nodes, count)).toEqual(simulate(structuredClone(nodes), count));
      }),
      { numRuns: 30 },
    );
  });

  it('leaves no worker idle while a node could run', () => {
    fc.assert(
      fc.property(randomNodes(40), workers, (nodes, count) => {
        const graph = plannable(nodes);
        const options = { effort: 4000, margin: 0 };
        const { starts, ends, makespan } = bestSchedule(graph, count, options);
        for (let node = 0; node < graph.size; node += 1) {
          const start = starts[node] ?? 0;
          const readyAt = Math.max(0, ...(nodes[node]?.dependsOn ?? []).map((id) => ends[Number(id.slice(1))] ?? 0));
          if (start === readyAt) continue;
          const moment = [...ends, ...starts].filter((time) => time >= readyAt && time < start);
          for (const time of moment) {
            const busy = starts.filter((from, other) => from <= time && time < (ends[other] ?? 0)).length;
            expect(busy).toBe(count);
          }
        }
        expect(makespan).toBeLessThanOrEqual(byCriticalPath(nodes, count) * (1 + 1e-9));
      }),
    );
  });

  it('finds a shortest one where critical path does not', () => {
    // 2 workers, 10 s of work in parts of 3, 3, 2, 2, 2 (longest first takes 7).
    const nodes = [3, 3, 2, 2, 2].map((seconds, index) => {
      return { id: `n${index}`, dependsOn: [], seconds, scope: undefined };
    });
    expect(byCriticalPath(nodes, 2)).toBe(7);
    expect(simulate(nodes, 2).makespan).toBe(6);
  });

  it('keeps no worker free for something urgent that is not ready, as a run does not either', () => {
    // At 1 the long chain is ready; who starts "filler" at 0 has no worker for it until 4.
    const nodes = [
      { id: 'first', dependsOn: [], seconds: 1, scope: undefined },
      { id: 'left', dependsOn: ['first'], seconds: 9, scope: undefined },
      { id: 'right', dependsOn: ['first'], seconds: 9, scope: undefined },
      { id: 'filler', dependsOn: [], seconds: 4, scope: undefined },
      { id: 'last', dependsOn: ['left', 'right'], seconds: 5, scope: undefined },
    ];
    expect(simulate(nodes, 2).makespan).toBe(18);
  });
});
