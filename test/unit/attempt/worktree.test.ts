import { describe, expect, it } from 'vitest';
import { readyWorktree } from '../../../src/core/attempt/worktree.ts';
import type { RunContext } from '../../../src/core/context.ts';
import type { Repository } from '../../../src/core/ports/repository.ts';
import { waitingFor } from '../../../src/core/scheduling/waiting.ts';
import { journalAfter } from '../journal-in-memory.ts';
import { planOf, started, subtask } from '../recorded-run.ts';

const NEVER = new AbortController().signal;
const NOW = { now: 0, freeMb: undefined };
const BUDGET = { usd: 1, tokens: 10, ms: 1_000 };

/** A run of two subtasks and one worker, in which a worktree waits as `open` says. */
function waiting(open: (onWait: (lack: string | undefined) => void) => Promise<void>) {
  const plan = planOf(subtask('a'), subtask('b', [], ['a.js']), subtask('c'));
  const journal = journalAfter(started(plan, { concurrency: 1 }));
  const repository: Partial<Repository> = {
    openWorktree: async (name, _base, _signal, onWait = () => undefined) => {
      await open(onWait);
      return `/worktrees/${name}`;
    },
    prepareWorktree: async () => undefined,
  };
  let tick: () => void = () => undefined;
  const clock = {
    now: () => 0,
    sleep: (_ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        tick = resolve;
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      }),
  };
  const held: string[] = [];
  const onHeld = (): void => void held.push('a');
  const context = { journal, repository, clock, onHeld } as Partial<RunContext> as RunContext;
  const ready = readyWorktree(context, 'a-1', 'b'.repeat(40), NEVER, { subtask: 'a', budget: BUDGET });
  const reason = (id: string): string | undefined => waitingFor(journal.state, id, NOW)?.reason;
  return { journal, ready, reason, held, tick: () => tick() };
}

function latch(): { readonly promise: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

describe('a worktree that is made ready', () => {
  it('is what its subtask waits for once that takes a while, and takes a worker and its files as others see it', async () => {
    const { promise, open } = latch();
    const { ready, reason, tick, journal } = waiting(() => promise);
    expect(reason('a')).toBeUndefined();
    tick();
    await journal.until((state) => state.preparing.size > 0, NEVER);
    expect(reason('a')).toBe('its worktree is made ready');
    expect(reason('b')).toBe('may change the same files as "a"');
    expect(reason('c')).toBe('the only worker is busy');
    open();
    expect(await ready).toBe('/worktrees/a-1');
  });

  it('is forgotten where none can be made', async () => {
    const { promise, open } = latch();
    const { ready, reason, tick, journal, held } = waiting(async (onWait) => {
      onWait('The disk is full.');
      await promise;
      throw new Error('There is no room.');
    });
    tick();
    await journal.until((state) => state.preparing.size > 0, NEVER);
    expect(reason('a')).toContain('waits for room on the disk');
    expect(held).toEqual(['a']);
    open();
    await expect(ready).rejects.toMatchObject({ code: 'worktree-failed' });
    expect(reason('a')).toBeUndefined();
    expect(reason('c')).toBeUndefined();
  });

  it('is nobody’s any more once its subtask was removed: the journal must not name it again', async () => {
    const { promise, open } = latch();
    const { ready, journal, held } = waiting(async (onWait) => {
      await promise;
      onWait('The disk is full.');
      onWait(undefined);
    });
    await journal.record({ type: 'subtask.removed', subtask: 'a' });
    open();
    expect(await ready).toBe('/worktrees/a-1');
    expect(journal.state.subtasks.has('a')).toBe(false);
    expect(held).toEqual([]);
  });
});
