/** What the engine is measured with: which subtask depends on which, by number. */
export type Shape = 'chain' | 'wide' | 'layered';

export const SHAPES: readonly Shape[] = ['chain', 'wide', 'layered'];

/** Subtasks of one layer; each needs three of the layer before. */
const LAYER = 100;

/**
 * Numbers of the nodes that each node depends on. `wide`: one first, one last, all others side by side between them.
 */
export function dependenciesOf(shape: Shape, nodes: number): number[][] {
  return Array.from({ length: nodes }, (_, node) => {
    if (node === 0) return [];
    if (shape === 'chain') return [node - 1];
    if (shape === 'wide')
      return node === nodes - 1 && node > 1 ? Array.from({ length: nodes - 2 }, (_, at) => at + 1) : [0];
    const layer = Math.floor(node / LAYER);
    if (layer === 0) return [];
    const above = (layer - 1) * LAYER;
    return [...new Set([node % LAYER, (node * 7 + 1) % LAYER, (node * 13 + 5) % LAYER])].map((at) => above + at);
  });
}
