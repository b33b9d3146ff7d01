import { describe, expect, it } from 'vitest';
import type { Slots } from '../../../src/core/ports/slots.ts';
import { WorktreePool } from '../../../src/core/worktrees/worktree-pool.ts';

const NEVER = new AbortController().signal;
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const BASE = 'b'.repeat(40);

/** Slots on no disk, with as much room as `full` says; what is turned into another waits for `turned`. */
function slotsWith(full: () => boolean, turned: () => Promise<boolean> = async () => true, reusable = true): Slots {
  const there = new Set<string>();
  return {
    reusable,
    lackOfRoom: async () => (full() ? 'The disk is full.' : undefined),
    list: async () => [...there].map((name) => ({ name, heldElsewhere: false })),
    isThere: async (name) => there.has(name),
    make: async (name) => {
      there.add(name);
      return `/worktrees/${name}`;
    },
    snapshot: async () => undefined,
    isIdle: async () => true,
    turnInto: async (former, name) => {
      if (!(await turned())) return undefined;
      there.delete(former);
      there.add(name);
      return `/worktrees/${name}`;
    },
    hold: async () => undefined,
    remove: async (name) => void there.delete(name),
  };
}

function switchable<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((onValue) => {
    resolve = onValue;
  });
  return { promise, resolve };
}

/** A pool with one worktree that is free, on a disk that is full from then on. */
async function withOneFree() {
  let full = false;
  const turning = switchable<boolean>();
  const slots = slotsWith(
    () => full,
    () => turning.promise,
  );
  const pool = new WorktreePool(slots, SILENT);
  await pool.openWorktree('a', BASE, NEVER);
  await pool.closeWorktree('a');
  full = true;
  return { pool, turning };
}

describe('a full disk', () => {
  it('lets who wants a worktree wait for the one that is just being turned into another', async () => {
    const { pool, turning } = await withOneFree();
    const heard: (string | undefined)[] = [];
    const second = pool.openWorktree('b', BASE, NEVER);
    const third = pool.openWorktree('c', BASE, NEVER, (lack) => heard.push(lack));
    turning.resolve(true);
    expect(await second).toBe('/worktrees/b');
    expect(heard).toEqual(['The disk is full.']);
    await pool.closeWorktree('b');
    expect(await third).toBe('/worktrees/c');
    expect(heard).toEqual(['The disk is full.', undefined]);
  });

  it('lets who wants a worktree wait for the room that the removal of another makes', async () => {
    let full = false;
    const removing = switchable<boolean>();
    const slots = slotsWith(() => full, undefined, false);
    const remove = async (name: string): Promise<void> => {
      await removing.promise;
      await slots.remove(name, NEVER);
      full = false;
    };
    const pool = new WorktreePool({ ...slots, remove }, SILENT);
    await pool.openWorktree('a', BASE, NEVER);
    full = true;
    const closed = pool.closeWorktree('a');
    const opened = pool.openWorktree('b', BASE, NEVER);
    removing.resolve(true);
    await closed;
    expect(await opened).toBe('/worktrees/b');
  });

  it('fails who wants one as soon as the last that could be given back has come to nothing', async () => {
    const { pool, turning } = await withOneFree();
    const both = ['b', 'c'].map((name) => pool.openWorktree(name, BASE, NEVER));
    turning.resolve(false);
    for (const one of both) await expect(one).rejects.toMatchObject({ code: 'worktree-failed' });
  });
});
