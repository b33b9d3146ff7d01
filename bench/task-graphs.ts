import type { GraphNode } from '../src/core/scheduling/graph.ts';
import { seededRandom } from '../src/core/scheduling/random.ts';

type Random = () => number;
/** Dependencies of each node, on earlier ones only. */
type Edges = number[][];

const upTo = (random: Random, max: number): number => 1 + Math.floor(random() * max);
const normal = (random: Random): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Ways to draw a duration in seconds, each for a node in a graph of its own. */
export const DURATIONS: Readonly<Record<string, (random: Random) => number>> = {
  'uniform 1–10': (random) => upTo(random, 10),
  'uniform 1–100': (random) => upTo(random, 100),
  'uniform, real': (random) => 1 + 99 * random(),
  normal: (random) => Math.max(1, Math.round(20 + 6 * normal(random))),
  exponential: (random) => Math.max(1, Math.round(-20 * Math.log(1 - random()))),
  'log-normal': (random) => 20 * Math.exp(normal(random)),
  constant: () => 10,
  'few huge': (random) => (random() < 0.05 ? 100 + upTo(random, 100) : upTo(random, 10)),
  'some zero': (random) => (random() < 0.2 ? 0 : upTo(random, 20)),
};

/** Ways to draw the dependencies of `size` nodes. */
export const SHAPES: Record<string, (size: number, random: Random) => Edges> = {
  'same probability': (size, random) => {
    const probability = (1 + 7 * random()) / size;
    return edges(size, (node) => before(node).filter(() => random() < probability));
  },
  'dense probability': (size, random) => {
    const probability = 0.05 + 0.15 * random();
    return edges(size, (node) => before(node).filter(() => random() < probability));
  },
  'same predecessors': (size, random) => {
    const mean = upTo(random, 5);
    return edges(size, (node) => picks(before(node), Math.round(2 * mean * random()), random));
  },
  'layers by probability': (size, random) => {
    const layers = layersOf(size, random);
    const probability = 0.1 + 0.4 * random();
    return edges(size, (node) => layerBefore(layers, node).filter(() => random() < probability));
  },
  'layers by predecessors': (size, random) => {
    const layers = layersOf(size, random);
    const mean = upTo(random, 3);
    return edges(size, (node) => picks(layerBefore(layers, node), 1 + Math.round(2 * (mean - 1) * random()), random));
  },
  'near neighbours': (size, random) => {
    const reach = 4 + upTo(random, 20);
    return edges(size, (node) => picks(before(node).slice(-reach), Math.floor(3 * random()), random));
  },
  'fork and join': (size, random) => {
    const found: Edges = [[]];
    while (found.length < size) {
      const fork = found.length - 1;
      const width = Math.min(1 + upTo(random, 15), size - found.length);
      for (let branch = 0; branch < width; branch += 1) found.push([fork]);
      if (found.length < size) found.push(Array.from({ length: width }, (_, branch) => fork + 1 + branch));
    }
    return found;
  },
  'tree outwards': (size, random) => edges(size, (node) => (node === 0 ? [] : [Math.floor(random() * node)])),
  'tree inwards': (size, random) => {
    const found: Edges = Array.from({ length: size }, () => []);
    for (let node = 0; node < size - 1; node += 1) {
      const room = size - 1 - node;
      found[node + 1 + Math.floor(random() * Math.min(room, 30))]?.push(node);
    }
    return found;
  },
  'series and parallel': (size, random) => seriesParallel(size, random),
  chains: (size, random) => {
    const count = 2 + upTo(random, 14);
    return edges(size, (node) => (node < count ? [] : [node - count]));
  },
  elimination: (size) => {
    // Step k of Gaussian elimination: one pivot, then a column each, which needs the pivot and the column before it.
    const found: Edges = [];
    let rows = 2;
    while ((rows * (rows + 1)) / 2 - 1 < size) rows += 1;
    let last = new Map<number, number>();
    for (let step = 0; step < rows - 1 && found.length < size; step += 1) {
      const column = last.get(step);
      const pivot = found.push(column === undefined ? [] : [column]) - 1;
      const next = new Map<number, number>();
      for (let at = step + 1; at < rows && found.length < size; at += 1) {
        const above = last.get(at);
        next.set(at, found.push(above === undefined ? [pivot] : [pivot, above]) - 1);
      }
      last = next;
    }
    return found;
  },
  butterflies: (size) => {
    const width = size >= 200 ? 32 : 16;
    return edges(size, (node) => {
      const row = Math.floor(node / width);
      const place = node % width;
      if (row === 0) return [];
      const partner = place ^ (1 << ((row - 1) % Math.log2(width)));
      return [(row - 1) * width + place, (row - 1) * width + partner];
    });
  },
  independent: (size) => edges(size, () => []),
};

/**
 * The standard set: random graphs of two ways with 1, 2 and 4 predecessors in the mean, like the larger part of the
 * published standard task graphs. Chosen, before any schedule of ours was looked at, for what plain list scheduling
 * comes to on it, which is what it comes to on the published set: about 1.006 of the bound.
 */
export const STANDARD_SHAPES: readonly string[] = [1, 2, 4].flatMap((mean) => [
  `standard same probability, ${mean}`,
  `standard layers, ${mean}`,
]);
export const STANDARD_DURATIONS = ['uniform 1–10', 'uniform, real', 'normal', 'exponential', 'log-normal'];

for (const mean of [1, 2, 4]) {
  SHAPES[`standard same probability, ${mean}`] = (size, random) =>
    edges(size, (node) => before(node).filter(() => random() < (2 * mean) / (size - 1)));
  SHAPES[`standard layers, ${mean}`] = (size, random) => {
    const layers = layersOf(size, random, 1 + upTo(random, size / 5));
    return edges(size, (node) => {
      const above = layerBefore(layers, node);
      return above.filter(() => random() < mean / above.length);
    });
  };
}

/** Those of the shapes that are random graphs, as in the standard task graph set. */
export const RANDOM_SHAPES: readonly string[] = [
  'same probability',
  'dense probability',
  'same predecessors',
  'layers by probability',
  'layers by predecessors',
];

/** A graph of one shape with one kind of durations; the same for the same seed. */
export function drawGraph(shape: string, durations: string, size: number, seed: number): GraphNode[] {
  const random = seededRandom(seed);
  const draw = DURATIONS[durations];
  const connect = SHAPES[shape];
  if (!draw || !connect) throw new Error(`There are no "${shape}" graphs with "${durations}" durations.`);
  return connect(size, random).map((dependsOn, index) => ({
    id: `n${index}`,
    dependsOn: dependsOn.map((node) => `n${node}`),
    seconds: draw(random),
    scope: undefined,
  }));
}

function edges(size: number, dependsOn: (node: number) => number[]): Edges {
  return Array.from({ length: size }, (_, node) => dependsOn(node));
}

function before(node: number): number[] {
  return Array.from({ length: node }, (_, index) => index);
}

function picks(from: readonly number[], count: number, random: Random): number[] {
  const left = [...from];
  const found: number[] = [];
  while (found.length < count && left.length > 0) found.push(...left.splice(Math.floor(random() * left.length), 1));
  return found;
}

function layersOf(size: number, random: Random, width = 2 + upTo(random, 18)): number[][] {
  const layers: number[][] = [];
  for (let next = 0; next < size; ) {
    const count = Math.min(upTo(random, 2 * width), size - next);
    layers.push(Array.from({ length: count }, (_, index) => next + index));
    next += count;
  }
  return layers;
}

function layerBefore(layers: readonly number[][], node: number): number[] {
  return layers[layers.findIndex((layer) => layer.includes(node)) - 1] ?? [];
}

/** Splits nodes again and again into parts that follow each other or stand side by side. */
function seriesParallel(size: number, random: Random): Edges {
  const found: Edges = Array.from({ length: size }, () => []);
  const build = (from: number, to: number, entries: number[]): number[] => {
    if (to - from === 1) {
      found[from]?.push(...entries);
      return [from];
    }
    const middle = from + 1 + Math.floor(random() * (to - from - 1));
    if (random() < 0.4) return build(middle, to, build(from, middle, entries));
    return [...build(from, middle, entries), ...build(middle, to, entries)];
  };
  build(0, size, []);
  return found;
}
