import { Worker } from 'node:worker_threads';
import type { Case } from '../../test/simulation/case.ts';
import type { Simulated } from '../../test/simulation/simulate.ts';
import type { Report } from './report.ts';

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
  const workers = Array.from({ length: threads }, (_, index) => {
    const workerData: Share = { first: first + index, every: threads, end, until };
    return new Worker(new URL('./thread.ts', import.meta.url), { workerData });
  });
  const ended = workers.map(
    (worker) =>
      new Promise<void>((resolve, reject) => {
        worker.on('message', ({ seed, given, simulated }: Word) => {
          if (given && simulated) report.add(given, simulated);
          else {
            failed.push(seed);
            for (const other of workers) if (other !== worker) void other.terminate();
          }
        });
        worker.once('error', reject);
        worker.once('exit', () => resolve());
      }),
  );
  await Promise.all(ended);
  return failed.sort((a, b) => a - b)[0];
}
