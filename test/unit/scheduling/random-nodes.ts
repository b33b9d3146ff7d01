import fc from 'fast-check';
import type { GraphNode } from '../../../src/core/scheduling/graph.ts';

const SCOPES = [undefined, ['src/a/**'], ['src/b/**'], ['src/**'], ['docs/x.md']];

/** Graphs of up to `max` nodes without circles; with `scopes`, some of which overlap. */
export function randomNodes(max: number, { scopes = false } = {}): fc.Arbitrary<GraphNode[]> {
  const seconds = fc.oneof(
    fc.integer({ min: 0, max: 20 }),
    fc.double({ min: 0.001, max: 100, noNaN: true }),
    fc.constant(1e-9),
  );
  const node = fc.record({
    seconds,
    above: fc.array(fc.nat(), { maxLength: 4 }),
    scope: scopes ? fc.constantFrom(...SCOPES) : fc.constant(undefined),
  });
  return fc.array(node, { minLength: 1, maxLength: max }).map((drawn) =>
    drawn.map(({ seconds, above, scope }, index) => ({
      id: `n${index}`,
      dependsOn: index === 0 ? [] : above.map((number) => `n${number % index}`),
      seconds,
      scope,
    })),
  );
}
