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

/** Makes nodes ready and starts what the lookahead chooses, at a time and beside what runs. */
function chosen(
  lookahead: Lookahead,
  ready: readonly number[],
  free: number,
  situation: Partial<Situation> = {},
): number[] {
  const running = situation.running?.() ?? [];
  for (const node of ready) lookahead.ready(node);
  const started: number[] = [];
  const { now = 0 } = situation;
  const at = (): Situation => ({
    now,
    isDone: situation.isDone ?? (() => false),
    running: () => [...running, ...started.map((index) => ({ node: index, startedAt: now, expectedEnd: now + 1 }))],
    free: free - started.length,
  });
  for (let next = lookahead.next(at()); next !== undefined; next = lookahead.next(at())) {
    lookahead.start(next);
    started.push(next);
  }
  return started;
}

describe('the lookahead', () => {
  it('starts the critical path first', () => {
    const graph = taskGraph([node('short', 1), node('long', 1), node('tail', 9, ['long'])]);
    expect(chosen(new Lookahead(graph, 1), [0, 1], 1)).toEqual([1]);
  });

  it('breaks ties by fan-out, then by the priority of the person, then by the plan', () => {
    const graph = taskGraph([
      ...[node('first', 5), node('second', 5), { ...node('wanted', 5), priority: 9 }, node('forks', 3)],
      ...[node('x', 2, ['forks']), node('y', 2, ['forks'])],
    ]);
    expect(chosen(new Lookahead(graph, 4, { effort: 0 }), [0, 1, 2, 3], 4)).toEqual([3, 2, 0, 1]);
  });

  it('starts nothing without a free worker', () => {
    const graph = taskGraph([node('a', 1)]);
    expect(chosen(new Lookahead(graph, 1), [0], 0)).toEqual([]);
  });

  it('never starts two with overlapping scopes, nor one that overlaps with what runs', () => {
    const graph = taskGraph([
      node('a', 5, [], ['src/**']),
      node('b', 4, [], ['src/x.ts']),
      node('c', 1, [], ['docs/**']),
    ]);
    for (const maxPlanned of [0, 10]) {
      const lookahead = new Lookahead(graph, 3, { maxPlanned });
      expect(chosen(lookahead, [0, 1, 2], 3)).toEqual([0, 2]);
      lookahead.end(0);
      const running = () => [{ node: 2, startedAt: 0, expectedEnd: 1 }];
      expect(chosen(lookahead, [], 2, { running, now: 5, isDone: (index) => index === 0 })).toEqual([1]);
    }
  });

  it('keeps no worker for something more urgent that is not ready', () => {
    const nodes = [
      node('first', 1),
      node('left', 9, ['first']),
      node('right', 9, ['first']),
      node('filler', 4),
      node('last', 5, ['left', 'right']),
    ];
    expect(chosen(new Lookahead(taskGraph(nodes), 2), [0, 3], 2)).toEqual([0, 3]);
  });

  it('goes on from where a run is', () => {
    const graph = taskGraph([node('a', 1), node('b', 1, ['a']), node('c', 8, ['a']), node('d', 3, ['a'])]);
    const running = () => [{ node: 1, startedAt: 1000, expectedEnd: 1001 }];
    const situation = { now: 1000, isDone: (index: number) => index === 0, running };
    expect(chosen(new Lookahead(graph, 2), [2, 3], 1, situation)).toEqual([2]);
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
