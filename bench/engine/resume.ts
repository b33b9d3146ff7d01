import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { aim, type Benchmark, median, rounded } from '../benchmark.ts';
import { runPart } from './ours.ts';
import { dependenciesOf } from './shapes.ts';

const PROGRAM = join(import.meta.dirname, 'open.ts');

/**
 * A run of which half is done: from opening its journal to the first subtask that starts, against reading the same
 * segments and parsing their lines as JSON. Each in a process of its own, imports not counted.
 */
export const resume: Benchmark = {
  name: 'resume',
  question: 'How long does a large run take to go on?',
  options: { nodes: '10000' },
  async measure({ rounds, options, log }) {
    const nodes = Number(options['nodes']);
    const dependencies = dependenciesOf('layered', nodes);
    const place = await mkdtemp(join(tmpdir(), 'bench-resume-'));
    const ratios: Record<string, number[]> = { killed: [], left: [] };
    const micros: Record<string, number[]> = { killed: [], left: [], floor: [] };
    try {
      for (let round = 1; round <= rounds; round += 1) {
        for (const way of ['killed', 'left'] as const) {
          const folder = join(place, `${way}-${round}`);
          await runPart(folder, dependencies, nodes / 2, way === 'left');
          const floor = await timed('floor', folder);
          const ours = await timed('ours', folder);
          ratios[way]?.push(ours / floor);
          micros[way]?.push(ours);
          micros['floor']?.push(floor);
          log(`round ${round}, ${way}: ${ours.toFixed(1)} ms, floor ${floor.toFixed(1)} ms`);
        }
      }
    } finally {
      await rm(place, { recursive: true, force: true });
    }
    const figures = {
      nodes,
      floorMs: rounded(median(micros['floor'] ?? [])),
      killedMs: rounded(median(micros['killed'] ?? [])),
      leftMs: rounded(median(micros['left'] ?? [])),
      // Its owner kept the state when it went.
      ratioWhenLeft: rounded(median(ratios['left'] ?? [])),
    };
    return { figures, aims: [aim('ratio', median(ratios['killed'] ?? []), '<=', 3)] };
  },
};

async function timed(side: string, folder: string): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, side, folder]);
  return Number(stdout);
}
