import { once } from 'node:events';
import { describe } from 'vitest';
import { readClaim } from '../../../src/node/supervisor/attempt-folder.ts';
import { describeWorkers, type WorkerScript } from '../../conformance/workers.ts';
import { attemptPlace, runWorkerScript } from './attempt-place.ts';

const TURN = ['say 1', 'result', 'next'];
const STEPS: Readonly<Record<WorkerScript, readonly string[]>> = {
  works: [...TURN, ...TURN, ...TURN],
  asks: ['ask', ...TURN],
  hangs: ['say 1', 'wait'],
};

describe.skipIf(process.platform !== 'linux')('with processes', { timeout: 60_000 }, () => {
  describeWorkers('real', () => {
    const place = attemptPlace();
    return {
      workers: place.workers,
      settle: (promise) => promise,
      spec: (script, more = {}) => place.spec(STEPS[script], more),
      async prepare(spec) {
        place.writeSpec(spec);
        return async () => {
          await once(runWorkerScript('supervise', place.folder), 'exit');
        };
      },
      killSupervisor() {
        const claim = readClaim(place.folder);
        if (claim) process.kill(claim.owner.pid, 'SIGKILL');
      },
      heard: () => place.notes().filter((note) => note.startsWith('heard')).length,
      isRunning: () => place.left().length > 0,
    };
  });
});
