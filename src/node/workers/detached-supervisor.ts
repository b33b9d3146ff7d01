import { type ChildProcess, spawn } from 'node:child_process';
import type { StartSupervisor } from './attempt-workers.ts';

/** Processes that wait for an attempt; each needs the memory of a small program. */
const MOST_WAITING = 4;

/**
 * Starts supervisors without a terminal, each in a session of its own. One that is expected is started at once and told
 * its attempt later: until then it has claimed nothing, and it ends with this process.
 *
 * @param script absolute path of the worker script
 */
export function detachedSupervisor(script: string): StartSupervisor {
  const waiting: ChildProcess[] = [];
  const begin = (args: readonly string[], stdin: 'ignore' | 'pipe'): ChildProcess =>
    spawn(process.execPath, [...process.execArgv, script, ...args], {
      detached: true,
      stdio: [stdin, 'ignore', 'ignore'],
      windowsHide: true,
      env: process.versions['electron'] === undefined ? process.env : { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    });
  const start = async (folder: string): Promise<void> => {
    for (let child = waiting.shift(); child; child = waiting.shift()) if (await tell(child, folder)) return;
    const child = begin(['supervise', folder], 'ignore');
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('spawn', resolve);
    });
    child.unref();
  };
  const expect = (): void => {
    if (waiting.length >= MOST_WAITING) return;
    const child = begin(['wait'], 'pipe');
    // One that could not be started, or is gone, takes no attempt; another is started then.
    child.on('error', () => undefined);
    child.stdin?.on('error', () => undefined);
    child.unref();
    (child.stdin as Partial<NodeJS.RefCounted> | null)?.unref?.();
    waiting.push(child);
  };
  return Object.assign(start, { expect });
}

/** Whether a process that waits was told its attempt. Should it end before it reads that, nobody claims the attempt. */
function tell({ pid, stdin, exitCode, signalCode }: ChildProcess, folder: string): Promise<boolean> {
  if (pid === undefined || !stdin?.writable || exitCode !== null || signalCode !== null) return Promise.resolve(false);
  (stdin as Partial<NodeJS.RefCounted>).ref?.();
  return new Promise((resolve) => {
    stdin.once('error', () => resolve(false));
    stdin.end(`${folder}\n`, () => resolve(true));
  });
}
