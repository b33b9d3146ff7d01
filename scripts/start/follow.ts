import { setTimeout as sleep } from 'node:timers/promises';
import { planLines } from '../../src/cli/describe.ts';
import { Progress } from '../../src/cli/progress.ts';
import type { RunState } from '../../src/core/model/run.ts';
import type { StatePaths } from '../../src/node/state/paths.ts';
import { readRuns } from '../../src/node/state/runs.ts';

/** How often the journal is looked at; only a person's patience depends on it. */
const LOOK_MS = 250;

/** Prints what happens in a repository's newest run, read from its journal, until stopped. Resolves with its last state. */
export function followNewestRun(
  paths: StatePaths,
  print: (line: string) => void,
): { stop(): Promise<RunState | undefined> } {
  const stopped = new AbortController();
  const progress = new Progress(print);
  let known = '';
  let planShown = false;
  const look = (): RunState | undefined => {
    const [run] = readRuns(paths).runs;
    if (!run) return undefined;
    if (run.id !== known) {
      known = run.id;
      print(`Journal: ${paths.runs}/${run.id}/journal`);
    }
    if (run.plan && !planShown) {
      planShown = true;
      for (const line of planLines(run.plan)) print(line);
    }
    progress.update(run);
    return run;
  };
  const following = (async () => {
    while (!stopped.signal.aborted) {
      look();
      await sleep(LOOK_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  })();
  return {
    async stop() {
      stopped.abort();
      await following;
      return look();
    },
  };
}
