import { describe, expect, it } from 'vitest';
import { withCheckpoint } from '../../../src/core/checkpoints/with-checkpoint.ts';
import { Detached } from '../../../src/core/context.ts';
import type { Journal } from '../../../src/core/journal/journal.ts';
import { journalAfter } from '../journal-in-memory.ts';
import { planOf, started, subtask } from '../recorded-run.ts';

const OPENING = { name: 'look', title: 'Look around', data: { files: 3 } };

const journal = (): Journal => journalAfter(started(planOf(subtask('a'))));
const stateOf = (kept: Journal) => kept.state.checkpoints.get('@look');

describe('a scoped checkpoint', () => {
  const { signal } = new AbortController();

  it('is active while the work goes on and completed after it', async () => {
    const kept = journal();
    const result = await withCheckpoint(kept, OPENING, async () => stateOf(kept)?.state, signal);
    expect(result).toBe('ACTIVE');
    expect(stateOf(kept)).toMatchObject({
      ...{ state: 'COMPLETED', title: 'Look around', data: { files: 3 }, parent: '' },
      ...{ step: 1, of: 1 },
    });
  });

  it('fails with the reason when the work throws', async () => {
    const kept = journal();
    const work = async () => Promise.reject(new Error('No way.'));
    await expect(withCheckpoint(kept, OPENING, work, signal)).rejects.toThrow('No way.');
    expect(stateOf(kept)).toMatchObject({ state: 'FAILED', reason: 'No way.' });
  });

  it('fails when it is cancelled, and stays open when only this process goes away', async () => {
    for (const [reason, state] of [[new Error('Enough.'), 'FAILED'] as const, [new Detached(), 'ACTIVE'] as const]) {
      const kept = journal();
      const stop = new AbortController();
      const work = async () => {
        stop.abort(reason);
        stop.signal.throwIfAborted();
      };
      await expect(withCheckpoint(kept, OPENING, work, stop.signal)).rejects.toBe(reason);
      expect(stateOf(kept)?.state).toBe(state);
    }
  });

  it('is gone on with when an earlier owner left it open', async () => {
    const kept = journal();
    await kept.record({ type: 'checkpoint.opened', checkpoint: '@look', parent: '', title: 'Look around' });
    const { seq } = stateOf(kept) ?? { seq: 0 };
    await withCheckpoint(kept, OPENING, async () => expect(stateOf(kept)?.seq).toBe(seq), signal);
    expect(stateOf(kept)?.state).toBe('COMPLETED');
  });
});
