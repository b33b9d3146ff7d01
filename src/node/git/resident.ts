import { type ChildProcess, spawn } from 'node:child_process';
import { gitEnvironment, SETTINGS } from './environment.ts';

/** A git process that stays for further questions is ended when nobody has asked it for so long. */
export const IDLE_MS = 10_000;

/** Starts a git command that reads questions and writes answers until its input ends. */
export function startResident(args: readonly string[], cwd: string, environment: NodeJS.ProcessEnv): ChildProcess {
  const child = spawn('git', [...SETTINGS, ...args], {
    cwd,
    env: gitEnvironment(environment),
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
  // One that has ended says why on stderr.
  child.stdin.on('error', () => undefined);
  return child;
}

/** Whether this process stays for the child; one that has nothing to do keeps nobody from ending. */
export function held(child: ChildProcess, stays: boolean): void {
  for (const part of [child, child.stdin, child.stdout, child.stderr] as readonly Partial<NodeJS.RefCounted>[]) {
    if (stays) part?.ref?.();
    else part?.unref?.();
  }
}
