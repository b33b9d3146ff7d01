import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

interface Row {
  readonly pid: number;
  readonly parent: number;
}

/**
 * Ends every process that descends from `pid` (the leader of a group of its own) or carries `marker` in its
 * environment, itself included, at once and without mercy. Descendants that moved to a session of their own and lost
 * their parent are found by the marker where the system shows environments (Linux); `marker` is `NAME=value`.
 */
export function killTree(pid: number, marker: string): void {
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/PID', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true });
    return;
  }
  signal(-pid, 'SIGKILL');
  killFound(() => [...descendants(pid), ...marked(marker)]);
}

/** Ends every process that carries `marker` (`NAME=value`) in its environment, where the system shows environments. */
export function killMarked(marker: string): void {
  killFound(() => marked(marker));
}

/** A process may fork while it is being looked for: repeats until nothing new is found. */
function killFound(find: () => number[]): void {
  for (let round = 0; round < 10; round += 1) {
    const found = [...new Set(find())].filter((pid) => pid !== process.pid);
    for (const pid of found) signal(pid, 'SIGKILL');
    if (found.length === 0) return;
  }
}

/** Pids of `pid` and all below it that run now. */
export function descendants(pid: number): number[] {
  const children = new Map<number, number[]>();
  const rows = processTable();
  for (const row of rows) children.set(row.parent, [...(children.get(row.parent) ?? []), row.pid]);
  const found = rows.some((row) => row.pid === pid) ? [pid] : [];
  const open = [pid];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const child of children.get(next) ?? []) {
      found.push(child);
      open.push(child);
    }
  }
  return found;
}

/** Sends a signal to a process or, with a negative pid, to its group; false when there is none. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

function processTable(): Row[] {
  if (process.platform === 'linux') {
    return pids().flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return state === 'Z' || state === 'X' ? [] : [{ pid, parent: Number(parent) }];
      } catch {
        return [];
      }
    });
  }
  const table = execFileSync('/bin/ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' });
  return table.split('\n').flatMap((line) => {
    const [pid, parent, state] = line.trim().split(/\s+/);
    return pid === undefined || parent === undefined || state?.startsWith('Z')
      ? []
      : [{ pid: Number(pid), parent: Number(parent) }];
  });
}

function marked(marker: string): number[] {
  if (process.platform !== 'linux') return [];
  return pids().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(marker);
    } catch {
      return false;
    }
  });
}

function pids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}
