import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { hostname, uptime } from 'node:os';
import type { ProcessIdentity } from '../../core/model/attempt-files.ts';

/** Who the process with this pid is, or undefined when there is none. */
export function identify(pid: number): ProcessIdentity | undefined {
  const startTime = startTimeOf(pid);
  if (startTime === undefined) return undefined;
  return { pid, startTime, bootId: bootId(), host: hostname() };
}

/** Who this process is. */
export function ownIdentity(): ProcessIdentity {
  return identify(process.pid) ?? { pid: process.pid, startTime: '', bootId: bootId(), host: hostname() };
}

/**
 * Whether that very process still runs. Heartbeats prove nothing (laptops sleep) and pids are re-used, so pid, start
 * time and boot must all be the same. A process of another machine counts as alive: nobody here can tell.
 */
export function isAlive(identity: ProcessIdentity): boolean {
  // Containers share the boot, not the pids.
  if (identity.host !== hostname()) return true;
  if (!isSameBoot(identity.bootId, bootId())) return false;
  const now = identify(identity.pid);
  return (
    now !== undefined && (identity.startTime === '' || now.startTime === '' || now.startTime === identity.startTime)
  );
}

/** Beginning of what stands for a boot where the system has no name for it; the rest is a number of ten minutes. */
const ESTIMATED_BOOT = 'booted-';

/** Whether both are the identity of one process. */
export function isSameProcess(one: ProcessIdentity, other: ProcessIdentity): boolean {
  const isSamePlace = one.host === other.host && isSameBoot(one.bootId, other.bootId);
  return isSamePlace && one.pid === other.pid && one.startTime === other.startTime;
}

/** The clock and the uptime drift against each other, so that two estimates of one boot may differ a little. */
export function isSameBoot(one: string, other: string): boolean {
  if (one === other) return true;
  if (!one.startsWith(ESTIMATED_BOOT) || !other.startsWith(ESTIMATED_BOOT)) return false;
  const [first, second] = [one, other].map((id) => Number(id.slice(ESTIMATED_BOOT.length)));
  return Math.abs((first ?? Number.NaN) - (second ?? Number.NaN)) <= 1;
}

let cachedBootId: string | undefined;

function bootId(): string {
  cachedBootId ??= readBootId();
  return cachedBootId;
}

function readBootId(): string {
  try {
    if (process.platform === 'linux') return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    if (process.platform === 'darwin')
      return execFileSync('/usr/sbin/sysctl', ['-n', 'kern.bootsessionuuid'], { encoding: 'utf8' }).trim();
  } catch {
    // Falls through to what every system knows.
  }
  return `${ESTIMATED_BOOT}${Math.round((Date.now() / 1000 - uptime()) / 600)}`;
}

/** Start time as the system tells it; empty where it can't be read; undefined when there is no such process. */
function startTimeOf(pid: number): string | undefined {
  if (process.platform === 'linux') return linuxStartTime(pid);
  if (!exists(pid)) return undefined;
  if (process.platform === 'win32') return '';
  try {
    // In the same words whoever asks, from wherever.
    const env = { LC_ALL: 'C', TZ: 'UTC' };
    return execFileSync('/bin/ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', env }).trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Field 22 of /proc/PID/stat, in clock ticks since boot; a zombie is no process any more. */
function linuxStartTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may itself hold spaces and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
