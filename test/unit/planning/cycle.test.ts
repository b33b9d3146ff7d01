import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findCycle } from '../../../src/core/planning/cycle.ts';

const graphs = fc.integer({ min: 1, max: 8 }).chain((size) =>
  fc
    .array(fc.uniqueArray(fc.integer({ min: 0, max: size - 1 }), { maxLength: 4 }), {
      minLength: size,
      maxLength: size,
    })
    .map((edges) => edges.map((to, id) => ({ id: String(id), dependsOn: to.map(String) }))),
);

/** By taking away nodes without dependencies until none is left to take. */
function isCyclic(nodes: readonly { id: string; dependsOn: readonly string[] }[]): boolean {
  let left = [...nodes];
  for (;;) {
    const ids = new Set(left.map(({ id }) => id));
    const blocked = left.filter(({ dependsOn }) => dependsOn.some((id) => ids.has(id)));
    if (blocked.length === left.length) return left.length > 0;
    left = blocked;
  }
}

describe('findCycle', () => {
  it('finds a cycle exactly where there is one, and what it names is one', () => {
    fc.assert(
      fc.property(graphs, (nodes) => {
        const cycle = findCycle(nodes);
        expect(cycle !== undefined).toBe(isCyclic(nodes));
        if (!cycle) return;
        expect(cycle.length).toBeGreaterThan(1);
        expect(cycle[0]).toBe(cycle.at(-1));
        expect(new Set(cycle).size).toBe(cycle.length - 1);
        for (const [index, id] of cycle.slice(0, -1).entries()) {
          expect(nodes.find((node) => node.id === id)?.dependsOn).toContain(cycle[index + 1]);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('walks a chain of 100,000 without running out of stack', () => {
    const chain = Array.from({ length: 100_000 }, (_, index) => ({
      id: String(index),
      dependsOn: index === 0 ? [] : [String(index - 1)],
    })).reverse();
    expect(findCycle(chain)).toBeUndefined();
  });
});
