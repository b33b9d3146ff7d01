import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Traces } from '../../../src/node/git/traces.ts';
import { acquireLock, lockOwner, type RepositoryLock } from '../../../src/node/state/lock.ts';
import { journalFolder, statePaths } from '../../../src/node/state/paths.ts';
import { removeAll } from '../../../src/node/state/removal.ts';
import { scratchFolder } from './scratch-journal.ts';

const NEVER = new AbortController().signal;
/** Nothing is left in git. */
const traces: Traces = {
  refs: async () => [],
  removeRefs: async () => undefined,
  worktrees: async () => [],
  removeWorktree: async () => undefined,
};

/** As soon as it is free, as by another process. */
async function waitFor(locks: string): Promise<RepositoryLock> {
  for (;;) {
    try {
      return acquireLock(locks, 'A run');
    } catch {
      await turn();
    }
  }
}

it('removes everything but the lock, and nothing of a run that begins right after', async () => {
  for (let round = 0; round < 20; round += 1) {
    const paths = statePaths(scratchFolder(), '/project/.git');
    for (const folder of [journalFolder(paths, 'old'), paths.worktrees, paths.supervisors])
      mkdirSync(folder, { recursive: true });
    const removed = removeAll(paths, traces, 'clean', NEVER);
    const lock = await waitFor(paths.locks);
    expect(readdirSync(paths.root)).toEqual(['lock']);
    mkdirSync(journalFolder(paths, 'new'), { recursive: true });
    writeFileSync(join(journalFolder(paths, 'new'), '000001.ndjson'), 'begun');
    expect((await removed).runs).toEqual(['old']);
    expect(lockOwner(paths.locks)?.holder).toBe('A run');
    expect(readdirSync(journalFolder(paths, 'new'))).toEqual(['000001.ndjson']);
    lock.release();
  }
});
