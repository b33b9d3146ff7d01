import { spawn } from 'node:child_process';
import type { StartSupervisor } from './attempt-workers.ts';

/**
 * Starts supervisors without a terminal, each in a session of its own.
 *
 * @param script absolute path of the worker script
 */
export function detachedSupervisor(script: string): StartSupervisor {
  return (folder) =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [...process.execArgv, script, 'supervise', folder], {
        detached: true,
        stdio: 'ignore',
        windowsHide: true,
        env: process.versions['electron'] === undefined ? process.env : { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      });
      child.once('error', reject);
      child.once('spawn', () => {
        child.unref();
        resolve();
      });
    });
}
