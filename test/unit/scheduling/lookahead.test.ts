import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GraphNode, taskGraph } from '../../../src/core/scheduling/graph.ts';
import { Lookahead } from '../../../src/core/scheduling/lookahead.ts';
import type { Situation } from '../../../src/core/scheduling/situation.ts';
import { runOnVirtualClock } from '../../../src/core/scheduling/virtual-clock.ts';
import { randomNodes } from './random-nodes.ts';

const node = (id: string, seconds: number, dependsOn: string[] = [], scope?: string[]): GraphNode => {
  return { id, seconds, dependsOn, scope };
};
const atStart: Situation = { now: 0, isDone: () => false, running: [], ready: [], free: 0 };

describe('the lookahead', () => {
  it('starts the critical path first', () => {
    const graph = taskGraph([node('short', 1), node('long', 1), node('tail', 9, ['long'])]);
    const { start } = new Lookahead(graph, 1).next({ ...atStart, ready: [0, 1], free: 1 });
    expect(start).toEqual([1]);
  });

  it('starts nothing without a free worker', () => {
    const graph = taskGraph([node('a', 1)]);
    expect(new Lookahead(graph, 1).next({ ...atStart, ready: [0] }).start).toEqual([]);
  });

  it('never starts two with overlapping scopes, nor one that overlaps with what runs', () => {
    const graph = taskGraph([
      node('a', 5, [], ['src/**']),
      node('b', 4, [], ['src/x.ts']),
      node('c', 1, [], ['docs/**']),
    ]);
    expect(new Lookahead(graph, 3).next({ ...atStart, ready: [0, 1, 2], free: 3 }).start).toEqual([0, 2]);
    const running = [{ node: 0, startedAt: 0, expectedEnd: 5 }];
    expect(new Lookahead(graph, 3).next({ ...atStart, running, ready: [1, 2], free: 2 }).start).toEqual([2]);
  });

  it('names what waits for something more urgent, and starts it once that is late', () => {
    const graph = taskGraph([
      node('first', 1),
      node('left', 9, ['first']),
      node('right', 9, ['first']),
      node('filler', 4),
      node('last', 5, ['left', 'right']),
    ]);
    const lookahead = new Lookahead(graph, 2);
    expect(lookahead.next({ ...atStart, ready: [0, 3], free: 2 })).toEqual({ start: [0], held: [3] });
    const running = [{ node: 0, startedAt: 0, expectedEnd: 2 }];
    expect(lookahead.next({ ...atStart, now: 2, running, ready: [3], free: 1 })).toEqual({ start: [3], held: [] });
  });

  it('goes on from where a run is', () => {
    const graph = taskGraph([node('a', 1), node('b', 1, ['a']), node('c', 8, ['a']), node('d', 3, ['a'])]);
    const lookahead = new Lookahead(graph, 2);
    const running = [{ node: 1, startedAt: 1000, expectedEnd: 1001 }];
    const situation = { now: 1000, isDone: (index: number) => index === 0, running, ready: [2, 3], free: 1 };
    expect(lookahead.next(situation).start).toEqual([2]);
  });

  it('finishes every graph, whatever the real durations are', () => {
    const factor = fc.double({ min: 0, max: 5, noNaN: true });
    fc.assert(
      fc.property(
        randomNodes(30, { scopes: true }),
        fc.array(factor, { minLength: 30, maxLength: 30 }),
        fc.integer({ min: 1, max: 5 }),
        (nodes, factors, workers) => {
          const graph = taskGraph(nodes);
          const real = graph.seconds.map((seconds, index) => seconds * (factors[index] ?? 1));
          const placements = runOnVirtualClock(graph, workers, new Lookahead(graph, workers, { effort: 2000 }), real);
          expect(new Set(placements.map((placement) => placement.node)).size).toBe(nodes.length);
        },
      ),
      { numRuns: 200 },
    );
  });
});
