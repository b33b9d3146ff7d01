import { type FileHandle, open } from 'node:fs/promises';

/** How long after the first record of a batch the floor syncs, where it has a timer. */
const TIMER_MS = 5;
const RECORD_BYTES = 200;
const STEPS = ['scheduled', 'started', 'finished', 'merged'] as const;

export interface FloorOptions {
  readonly file: string;
  /** Numbers of the nodes that each node depends on. */
  readonly dependencies: readonly (readonly number[])[];
  /** A dependant starts only after its dependency's batch is on disk. */
  readonly waits: boolean;
  /** Syncs 5 ms after the first record of a batch, else as soon as the sync before it has ended. */
  readonly timer: boolean;
}

/**
 * The least that can be done: a hand-written ready set that appends 4 records of 200 bytes a task to one file. Nothing
 * of it comes from the product.
 */
export async function runFloor({ file, dependencies, waits, timer }: FloorOptions): Promise<void> {
  const missing = dependencies.map((needs) => needs.length);
  const dependants: number[][] = dependencies.map(() => []);
  dependencies.forEach((needs, node) => {
    for (const need of needs) dependants[need]?.push(node);
  });
  const log = await open(file, 'wx');
  let pending: string[] = [];
  let finished: number[] = [];
  let done = 0;
  const release = (nodes: readonly number[]): void => {
    const ready = [...nodes];
    for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
      for (const step of STEPS) pending.push(record(node, step));
      done += 1;
      if (waits) finished.push(node);
      else ready.push(...freed(node));
    }
  };
  const freed = (node: number): number[] =>
    (dependants[node] ?? []).filter((dependant) => {
      missing[dependant] = (missing[dependant] ?? 0) - 1;
      return missing[dependant] === 0;
    });
  release(dependencies.flatMap((needs, node) => (needs.length === 0 ? [node] : [])));
  while (pending.length > 0) {
    if (timer) await new Promise((resolve) => setTimeout(resolve, TIMER_MS));
    const batch = pending.join('');
    const ended = finished;
    pending = [];
    finished = [];
    await write(log, batch);
    release(ended.flatMap(freed));
  }
  await log.close();
  if (done !== dependencies.length) throw new Error(`The floor did ${done} of ${dependencies.length} tasks.`);
}

async function write(log: FileHandle, text: string): Promise<void> {
  await log.appendFile(text);
  await log.datasync();
}

function record(node: number, step: string): string {
  const text = JSON.stringify({ task: node, step, at: Date.now() });
  return `${text.padEnd(RECORD_BYTES - 1)}\n`;
}
