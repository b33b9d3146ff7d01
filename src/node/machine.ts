import { readFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { dirname, join } from 'node:path';
import type { Machine } from '../core/ports/machine.ts';

const MB = 1024 * 1024;
const CGROUPS = '/sys/fs/cgroup';

/** Reading it takes some 0.3 ms, and it changes slowly. */
const FRESH_MS = 1_000;

/**
 * What the system calls available, and no more than the control groups of this process leave. Nothing is known on
 * macOS, where what counts as free does not tell what programs can get.
 */
export function thisMachine(): Machine {
  let known: { readonly at: number; readonly mb: number } | undefined;
  return {
    freeMemoryMb: () => {
      if (process.platform === 'darwin') return undefined;
      const at = performance.now();
      if (!known || at - known.at > FRESH_MS) known = { at, mb: Math.floor(Math.min(freemem(), cgroupRoom()) / MB) };
      return known.mb;
    },
  };
}

/** Bytes that the tightest of this process's control groups (version 2) leaves; infinite where none is limited. */
function cgroupRoom(): number {
  if (process.platform !== 'linux') return Number.POSITIVE_INFINITY;
  const path = /^0::(\/.*)$/m.exec(read('/proc/self/cgroup'))?.[1] ?? '/';
  let room = Number.POSITIVE_INFINITY;
  // In a container the path may be the host's, of which nothing is to be seen: then the root says what holds.
  for (let group = path; ; group = dirname(group)) {
    room = Math.min(room, roomIn(join(CGROUPS, group)));
    if (group === '/' || group === '.') return room;
  }
}

function roomIn(folder: string): number {
  const limit = Number(read(join(folder, 'memory.max')) || Number.NaN);
  const used = Number(read(join(folder, 'memory.current')) || Number.NaN);
  if (!Number.isFinite(limit) || !Number.isFinite(used)) return Number.POSITIVE_INFINITY;
  // Cached files count as used there and are given up when memory is needed.
  const cached = Number(/^inactive_file (\d+)$/m.exec(read(join(folder, 'memory.stat')))?.[1] ?? 0);
  return Math.max(0, limit - used + cached);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}
