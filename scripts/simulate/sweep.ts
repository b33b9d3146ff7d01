import { Worker } from 'node:worker_threads';
import type { Case } from '../../test/simulation/case.ts';
import type { Simulated } from '../../test/simulation/simulate.ts';
import type { Report } from './report.ts';

/** What killed processes of a simulation waited for is never let go of: a thread that went on would need ever more memory. */
const SEEDS_A_THREAD = 250;

/** The seeds of one thread: from `first` on, each time `every` further, before `end`, until a moment (Unix, in ms). */
export interface Share {
  readonly first: number;
  readonly every: number;
  readonly end: number;
  readonly until: number;
}

/** What came of a seed; without `simulated` it broke a promise. */
export interface Word {
  readonly seed: number;
  readonly given?: Case;
  readonly simulated?: Simulated;
}

/**
 * Simulates the seeds on so many threads. Resolves with the first seed that breaks a promise, as far as they came, or
 * undefined when all were kept.
 */
export async function sweep(
  { first, end, until }: Omit<Share, 'every'>,
  threads: number,
  report: Report,
): Promise<number | undefined> {
  const failed: number[] = [];
  const running = new Set<Worker>();
  const onWord = ({ seed, given, simulated }: Word, worker: Worker): void => {
    if (given && simulated) {
      report.add(given, simulated);
      return;
    }
    failed.push(seed);
    for (const other of running) if (other !== worker) void other.terminate();
  };
  const run = (share: Share): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./thread.ts', import.meta.url), { workerData: share });
      running.add(worker);
      worker.on('message', (word: Word) => onWord(word, worker));
      worker.once('error', reject);
      worker.once('exit', () => {
        running.delete(worker);
        resolve();
      });
    });
  const lane = async (start: number): Promise<void> => {
    const step = threads * SEEDS_A_THREAD;
    for (let from = start; from < end && Date.now() < until && failed.length === 0; from += step)
      await run({ first: from, every: threads, end: Math.min(from + step, end), until });
  };
  await Promise.all(Array.from({ length: threads }, (_, index) => lane(first + index)));
  return failed.sort((a, b) => a - b)[0];
}
