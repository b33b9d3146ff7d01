import { describe, expect, it } from 'vitest';
import { restoredRun } from '../../../src/core/checkpoints/restored-run.ts';
import type { RunEvent } from '../../../src/core/model/events.ts';
import { completed, planOf, records, started, subtask } from '../recorded-run.ts';

const plan = planOf(subtask('a'), subtask('b'), subtask('c'));
const restored = (events: readonly RunEvent[], seq = events.length) =>
  restoredRun(records(events), { checkpoint: 'here', seq }, 'run-2', (id) => `${id}-new`);

describe('a restored run', () => {
  it('has all results that were merged at once, also where its checkpoint is the first of them', () => {
    const merges = ['a', 'b'].flatMap((id) => completed(id).slice(-1));
    const before = ['a', 'b'].flatMap((id) => completed(id).slice(0, -1));
    const events = [...started(plan), ...before, ...merges];
    const { events: begun } = restored(events, events.length - 1);
    const merged = begun.flatMap((event) => (event.type === 'integration.merged' ? event.subtask : []));
    expect(merged).toEqual(['a', 'b']);
  });
});
