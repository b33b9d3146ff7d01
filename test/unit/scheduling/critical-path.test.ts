import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bottomLevels, criticalPath, topLevels } from '../../../src/core/scheduling/critical-path.ts';
import { taskGraph } from '../../../src/core/scheduling/graph.ts';
import { randomNodes } from './random-nodes.ts';

describe('the critical path', () => {
  it('is a chain of dependencies as long as the longest level', () => {
    fc.assert(
      fc.property(randomNodes(40), (nodes) => {
        const graph = taskGraph(nodes);
        const path = criticalPath(graph).map((index) => nodes[index]);
        path.slice(1).forEach((node, index) => {
          expect(node?.dependsOn).toContain(path[index]?.id);
        });
        const length = path.reduce((sum, node) => sum + (node?.seconds ?? 0), 0);
        expect(length).toBeCloseTo(Math.max(...bottomLevels(graph)), 6);
        const ends = topLevels(graph).map((start, node) => start + (graph.seconds[node] ?? 0));
        expect(length).toBeCloseTo(Math.max(...ends), 6);
      }),
    );
  });

  it('is the first of several that are as long', () => {
    const nodes = ['a', 'b'].map((id) => ({ id, dependsOn: [], seconds: 2, scope: undefined }));
    expect(criticalPath(taskGraph(nodes))).toEqual([0]);
  });
});
