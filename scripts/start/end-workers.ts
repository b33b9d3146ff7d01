import { uncancelled } from '../../src/core/context.ts';
import { attemptFolder, type StatePaths } from '../../src/node/state/paths.ts';
import { readRuns } from '../../src/node/state/runs.ts';
import { attemptWorkers } from '../../src/node/workers/attempt-workers.ts';

/**
 * Ends the workers of every attempt that is still open and waits until they are gone. In the sample they must not
 * outlive the editor: its model and its folder go as well.
 */
export async function endWorkers(paths: StatePaths): Promise<void> {
  for (const run of readRuns(paths).runs) {
    const workers = attemptWorkers(
      (attempt) => attemptFolder(paths, run.id, attempt),
      () => Promise.reject(new Error('Nothing is started here.')),
    );
    const open = [...run.attempts.values()].filter(({ ended }) => !ended);
    await Promise.all(
      open.map(async ({ id }) => {
        const handle = await workers.attach(id, uncancelled());
        await handle?.send({ id: `end-${id}`, type: 'cancel' });
        await handle?.exited(uncancelled());
      }),
    );
  }
}
