import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../core/ports/clock.ts';
import type { Hash } from '../core/ports/hash.ts';
import type { Random } from '../core/ports/random.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    sleep(ms, undefined, { signal }).catch((error: unknown) => {
      signal.throwIfAborted();
      throw error;
    }),
};

export const systemRandom: Random = {
  id: () => randomBytes(5).toString('hex'),
  fraction: () => Math.random(),
};

export const sha256: Hash = (text) => createHash('sha256').update(text).digest('hex');
