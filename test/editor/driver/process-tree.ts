import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { EditorProcess } from './driver.ts';

const run = promisify(execFile);

/** One process of this machine; `group` is its process group. */
interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly command: string;
}

/**
 * The process `root`, its process group and everything below them, now. Parents come before children. A process
 * that was started detached belongs to it only while the process that started it lives. On Windows `group` is
 * unknown and only descendants are found.
 */
export async function processTree(root: number): Promise<EditorProcess[]> {
  return treeOf(root, await runningProcesses());
}

/** Everything that runs on this machine. One that has ended but was not fetched by its parent is not in it. */
export function runningProcesses(): Promise<RunningProcess[]> {
  return process.platform === 'linux' ? readProc() : readSystem();
}

function treeOf(root: number, rows: readonly RunningProcess[]): EditorProcess[] {
  const members = new Map<number, RunningProcess>();
  let grown = true;
  while (grown) {
    grown = false;
    for (const row of rows) {
      if (members.has(row.pid)) continue;
      if (row.pid === root || row.group === root || members.has(row.parent)) {
        members.set(row.pid, row);
        grown = true;
      }
    }
  }
  return [...members.values()].map(({ pid, parent, command }) => ({
    pid,
    parent,
    command,
    role: role(pid, root, command),
  }));
}

function role(pid: number, root: number, command: string): EditorProcess['role'] {
  if (pid === root) return 'server';
  if (command.includes('--type=extensionHost')) return 'extensionHost';
  if (command.includes('--type=ptyHost')) return 'ptyHost';
  return 'other';
}

async function readProc(): Promise<RunningProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const rows = await Promise.all(pids.map(readProcess));
  return rows.filter((row) => row !== undefined);
}

async function readProcess(pid: string): Promise<RunningProcess | undefined> {
  try {
    const [stat, commandLine] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
    ]);
    // The name, in brackets, may hold spaces and brackets itself: state, parent and group follow the last one.
    const [state, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z') return undefined;
    return {
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      command: commandLine.replaceAll('\0', ' ').trim(),
    };
  } catch {
    return undefined;
  }
}

async function readSystem(): Promise<RunningProcess[]> {
  if (process.platform === 'win32') {
    const script =
      'Get-CimInstance Win32_Process | ForEach-Object { "$($_.ProcessId) $($_.ParentProcessId) -1 $($_.CommandLine)" }';
    const { stdout } = await run('powershell.exe', ['-NoProfile', '-Command', script], { maxBuffer: 1 << 26 });
    return parseRows(stdout);
  }
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,pgid=,command='], { maxBuffer: 1 << 26 });
  return parseRows(stdout);
}

function parseRows(text: string): RunningProcess[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(-?\d+)\s?(.*)$/.exec(line);
    return match
      ? [{ pid: Number(match[1]), parent: Number(match[2]), group: Number(match[3]), command: match[4] ?? '' }]
      : [];
  });
}

/** Sends `signal` to a process; one that is gone already is fine. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Kills the whole tree of `root` (see `processTree`) and resolves when nothing of it runs any more. */
export async function killTree(root: number): Promise<void> {
  const members = new Set<number>();
  for (;;) {
    const rows = await runningProcesses();
    for (const { pid } of treeOf(root, rows)) members.add(pid);
    const left = rows.filter(({ pid }) => members.has(pid));
    if (left.length === 0) return;
    for (const { pid } of left) signalProcess(pid, 'SIGKILL');
  }
}
