import { readFileSync } from 'node:fs';
import { ATTEMPT_MARKER } from '../../../src/core/model/attempt-files.ts';
import { runningProcesses } from '../driver/process-tree.ts';

type Process = Awaited<ReturnType<typeof runningProcesses>>[number];

/**
 * What runs of the workers whose state is in `stateFolder` (an absolute path that only one test has): supervisors and
 * viewers, which name it, everything below them, and, where the system tells, what a supervisor that is gone has left.
 * Workers of other tests, and a person's own Claude, are never among them.
 *
 * @param home home folder that these workers have
 */
export async function ownWorkers(stateFolder: string, home: string): Promise<Process[]> {
  const all = await runningProcesses();
  const own = new Set(all.filter(({ command }) => command.includes(`${stateFolder}/`)).map(({ pid }) => pid));
  for (const { pid } of all) if (isMarked(pid, home)) own.add(pid);
  for (let size = -1; size !== own.size; ) {
    size = own.size;
    for (const { pid, parent } of all) if (own.has(parent)) own.add(pid);
  }
  return all.filter(({ pid }) => own.has(pid));
}

/** Whether the process is a descendant of a supervisor with this home folder; false where that can't be read. */
function isMarked(pid: number, home: string): boolean {
  try {
    const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    return variables.includes(`HOME=${home}`) && variables.some((line) => line.startsWith(`${ATTEMPT_MARKER}=`));
  } catch {
    return false;
  }
}
