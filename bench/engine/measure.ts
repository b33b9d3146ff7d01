import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plan } from '../../src/core/model/plan.ts';
import { runFloor } from './floor.ts';
import { planOf, runLoop, runOurs } from './ours.ts';
import { dependenciesOf, type Shape } from './shapes.ts';

/** What one run of the engine, or of a floor, came to. */
export interface Reading {
  readonly microsPerSubtask: number;
  /** Of the journal. */
  readonly recordsPerSubtask: number;
  readonly bytesPerSubtask: number;
  /** Most memory that the process had, in bytes. */
  readonly peakBytes: number;
}

/** Small runs before the one that counts, so that nobody pays for code that is not compiled yet. */
const WARM_UP = [500, 1_000];

/**
 * `node measure.ts SIDE SHAPE NODES` runs one side in a process of its own and prints a `Reading`. Sides: strict,
 * relaxed (the product's engine); loop-strict, loop-relaxed (its whole loop); floor-strict, floor-relaxed, floor-strict-timer.
 */
const [side = '', shape = 'layered', nodes = '1000'] = process.argv.slice(2);
const place = await mkdtemp(join(tmpdir(), 'bench-engine-'));
try {
  for (const [index, small] of WARM_UP.entries()) await measure(Math.min(small, Number(nodes)), `warm-up-${index}`);
  process.stdout.write(JSON.stringify(await measure(Number(nodes), 'counts')));
} finally {
  await rm(place, { recursive: true, force: true });
}

async function measure(count: number, name: string): Promise<Reading> {
  const dependencies = dependenciesOf(shape as Shape, count);
  // What there is to do is given to both sides.
  const plan = planOf(dependencies);
  const folder = join(place, name);
  const startedAt = performance.now();
  const records = await run(folder, dependencies, plan);
  const micros = (performance.now() - startedAt) * 1_000;
  return {
    microsPerSubtask: micros / count,
    recordsPerSubtask: records / count,
    bytesPerSubtask: (await bytesOf(folder)) / count,
    peakBytes: process.resourceUsage().maxRSS * 1_024,
  };
}

async function run(path: string, dependencies: readonly (readonly number[])[], plan: Plan): Promise<number> {
  if (side === 'strict' || side === 'relaxed') return runOurs(path, plan, side);
  if (side === 'loop-strict' || side === 'loop-relaxed')
    return runLoop(path, plan, side === 'loop-strict' ? 'strict' : 'relaxed');
  // A chain starts one task after the other, so a timer would only add its own time.
  await runFloor({ file: path, dependencies, waits: side !== 'floor-relaxed', timer: side !== 'floor-strict' });
  return 4 * dependencies.length;
}

async function bytesOf(path: string): Promise<number> {
  const found = await stat(path);
  if (!found.isDirectory()) return found.size;
  const sizes = await Promise.all((await readdir(path)).map(async (name) => (await stat(join(path, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
