import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Aim, aim, type Benchmark, median, rounded } from '../benchmark.ts';
import type { Reading } from './measure.ts';
import { SHAPES, type Shape } from './shapes.ts';

type Durability = 'strict' | 'relaxed';

const PROGRAM = join(import.meta.dirname, 'measure.ts');

/** Against which floor a durability is counted; a chain waits for each sync, so a timer would only add to it. */
function floorOf(shape: Shape, durability: Durability): string {
  if (durability === 'relaxed') return 'floor-relaxed';
  return shape === 'chain' ? 'floor-strict' : 'floor-strict-timer';
}

/**
 * Subtasks whose workers do nothing, with everything that the engine does for them: journal, fold and scheduler. The
 * floors are in `floor.ts`; each round measures both one after the other, in processes of their own.
 */
export const engine: Benchmark = {
  name: 'engine',
  question: 'What does the engine itself take for a subtask?',
  options: { nodes: '10000', shape: 'all', durability: 'all' },
  async measure({ rounds, options, log }) {
    const nodes = Number(options['nodes']);
    const shapes = SHAPES.filter((shape) => options['shape'] === 'all' || options['shape'] === shape);
    const durabilities = (['strict', 'relaxed'] as const).filter(
      (one) => options['durability'] === 'all' || options['durability'] === one,
    );
    if (!Number.isInteger(nodes) || nodes < 1 || shapes.length === 0 || durabilities.length === 0)
      throw new Error('Use --nodes N, --shape chain|wide|layered, --durability strict|relaxed.');
    const figures: Record<string, number> = { nodes, rounds };
    const aims: Aim[] = [];
    for (const shape of shapes) {
      for (const durability of durabilities) {
        const found = await compare(shape, durability, nodes, rounds, log);
        // What was asked for alone needs no further name.
        const where = [...(shapes.length > 1 ? [shape] : []), ...(durabilities.length > 1 ? [durability] : [])];
        const named = (name: string): string => [...where, name].join('.');
        for (const [name, value] of Object.entries(found.figures)) figures[named(name)] = value;
        aims.push(...found.aims.map((one) => ({ ...one, name: named(one.name) })));
      }
    }
    return { figures, aims };
  },
};

async function compare(
  shape: Shape,
  durability: Durability,
  nodes: number,
  rounds: number,
  log: (line: string) => void,
): Promise<{ figures: Readonly<Record<string, number>>; aims: readonly Aim[] }> {
  const sides = { ours: durability, floor: floorOf(shape, durability), bare: 'floor-strict' };
  const small = Math.max(Math.round(nodes / 10), 1);
  const readings: Record<'ours' | 'floor' | 'bare' | 'small' | 'loop' | 'smallLoop', Reading>[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const floor = await read(sides.floor, shape, nodes);
    const ours = await read(sides.ours, shape, nodes);
    const bare = sides.floor === sides.bare ? floor : await read(sides.bare, shape, nodes);
    const loop = await read(`loop-${durability}`, shape, nodes);
    const smallLoop = await read(`loop-${durability}`, shape, small);
    readings.push({ ours, floor, bare, small: await read(sides.ours, shape, small), loop, smallLoop });
    const micros = (reading: Reading): string => reading.microsPerSubtask.toFixed(1);
    log(`${shape}, ${durability}, round ${round}: ${micros(ours)} µs a subtask, floor ${micros(floor)} µs`);
  }
  const middle = (of: (one: (typeof readings)[number]) => number): number => median(readings.map(of));
  const ratio = middle(({ ours, floor }) => ours.microsPerSubtask / floor.microsPerSubtask);
  const growth = middle((one) => one.ours.microsPerSubtask / one.small.microsPerSubtask);
  const bytes = middle(({ ours }) => ours.bytesPerSubtask);
  const figures = {
    micros: rounded(middle(({ ours }) => ours.microsPerSubtask)),
    floorMicros: rounded(middle(({ floor }) => floor.microsPerSubtask)),
    ratio: rounded(ratio),
    // A floor that syncs as soon as it can, as ours does.
    ratioToFloorWithoutTimer: rounded(middle(({ ours, bare }) => ours.microsPerSubtask / bare.microsPerSubtask)),
    growth: rounded(growth),
    recordsPerSubtask: rounded(middle(({ ours }) => ours.recordsPerSubtask)),
    bytesPerSubtask: Math.round(bytes),
    // The product's whole loop with 64 workers: more events, and what is done with what workers say and leave.
    loopMicros: rounded(middle(({ loop }) => loop.microsPerSubtask)),
    loopRatio: rounded(middle(({ loop, floor }) => loop.microsPerSubtask / floor.microsPerSubtask)),
    loopBytesPerSubtask: Math.round(middle(({ loop }) => loop.bytesPerSubtask)),
    loopGrowth: rounded(middle(({ loop, smallLoop }) => loop.microsPerSubtask / smallLoop.microsPerSubtask)),
    loopRecordsPerSubtask: rounded(middle(({ loop }) => loop.recordsPerSubtask)),
    peakMegabytes: Math.round(middle(({ ours }) => ours.peakBytes) / 1e6),
    floorPeakMegabytes: Math.round(middle(({ floor }) => floor.peakBytes) / 1e6),
  };
  if (shape === 'chain') return { figures, aims: durability === 'strict' ? [aim('chainRatio', ratio, '<=', 1.5)] : [] };
  return {
    figures,
    aims: [
      durability === 'strict' ? aim('strictRatio', ratio, '<=', 1.5) : aim('relaxedRatio', ratio, '<=', 3),
      aim('growth', growth, '<=', 1.2),
      aim('bytesPerSubtask', bytes, '<=', 2_000),
    ],
  };
}

async function read(side: string, shape: Shape, nodes: number): Promise<Reading> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, side, shape, String(nodes)]);
  return JSON.parse(stdout) as Reading;
}
