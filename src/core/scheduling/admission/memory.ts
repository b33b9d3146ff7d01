import type { RunCheck } from './check.ts';

/** A worker that is younger does not use all its memory yet, in milliseconds. */
const GROWING_MS = 10_000;

/** When to look again: memory comes back without a word. */
const AGAIN_MS = 5_000;

/** One worker may always run. */
export const memoryIsFree: RunCheck = ({ run, launching, freeMb, now }) => {
  const { workerMemoryMb } = run.settings;
  if (freeMb === undefined || workerMemoryMb === 0 || run.working.size + launching === 0) return undefined;
  const growing = [...run.working].filter((id) => {
    const began = run.attempts.get(run.subtasks.get(id)?.attempts.at(-1) ?? '')?.startedAt ?? 0;
    return began <= now && now - began < GROWING_MS;
  });
  const left = freeMb - (growing.length + launching) * workerMemoryMb;
  if (left >= workerMemoryMb) return undefined;
  return {
    waitsFor: 'memory',
    reason: `waits for memory: a worker needs ${workerMemoryMb} MB, ${Math.max(0, Math.round(left))} MB are free`,
    againAt: now + AGAIN_MS,
  };
};
