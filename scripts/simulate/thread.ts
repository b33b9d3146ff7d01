import { parentPort, workerData } from 'node:worker_threads';
import { caseOf } from '../../test/simulation/generate.ts';
import { simulate } from '../../test/simulation/simulate.ts';
import type { Share, Word } from './sweep.ts';

/** Simulates its share of the seeds one after the other, and tells of each. */
const { first, every, end, until } = workerData as Share;

for (let seed = first; seed < end && Date.now() < until; seed += every) {
  const given = caseOf(seed);
  try {
    const simulated = await simulate(given);
    tell({ seed, given, simulated: { ...simulated, history: [] } });
  } catch {
    tell({ seed });
    break;
  }
}

function tell(word: Word): void {
  parentPort?.postMessage(word);
}
