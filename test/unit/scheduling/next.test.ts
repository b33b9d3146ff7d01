import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../src/core/model/events.ts';
import type { RunState } from '../../../src/core/model/run.ts';
import { nextToStart, waitingReason } from '../../../src/core/scheduling/next.ts';
import { completed, ended, foldOf, launching, planOf, started, subtask, turnEnded } from '../recorded-run.ts';

const diamond = planOf(
  subtask('join', ['left', 'right']),
  subtask('left', ['root']),
  subtask('right', ['root']),
  subtask('root'),
);
const state = (...events: readonly RunEvent[]) => foldOf(...events).state;

const idsToStart = (run: RunState, held?: ReadonlyMap<string, number>): string[] =>
  nextToStart(run, held).map(({ id }) => id);
const heldFor = (ids: readonly string[]): Map<string, number> => new Map(ids.map((id) => [id, 0.5]));

describe('nextToStart', () => {
  it('starts what depends on nothing, forks when that is merged, joins when both are', () => {
    expect(idsToStart(state(...started(diamond)))).toEqual(['root']);
    expect(idsToStart(state(...started(diamond), ...completed('root')))).toEqual(['left', 'right']);
    const half = state(...started(diamond), ...completed('root'), ...completed('left'), launching('right'));
    expect(idsToStart(half)).toEqual([]);
    expect(waitingReason(half, 'join')).toBe('waits for "right"');
    const both = [...completed('root'), ...completed('left'), ...completed('right')];
    expect(idsToStart(state(...started(diamond), ...both))).toEqual(['join']);
  });

  it('does not take an accepted result for a merged one', () => {
    const merging = completed('root').slice(0, -1);
    expect(idsToStart(state(...started(diamond), ...merging))).toEqual([]);
  });

  it('starts nothing while the run is paused, and says so', () => {
    const paused = state(...started(diamond), { type: 'run.paused' });
    expect(nextToStart(paused)).toEqual([]);
    expect(waitingReason(paused, 'root')).toBe('the run is paused');
    expect(nextToStart(state(...started(diamond), { type: 'run.paused' }, { type: 'run.resumed' }))).toHaveLength(1);
  });

  it('starts nothing before approval, after a cancel and after the end', () => {
    expect(idsToStart(state(...started(diamond).slice(0, 2)))).toEqual([]);
    expect(idsToStart(state(...started(diamond), { type: 'run.cancelling' }))).toEqual([]);
    expect(idsToStart(state(...started(diamond), { type: 'run.ended', outcome: 'failed', detail: '' }))).toEqual([]);
  });

  it('keeps overlapping scopes apart, and a subtask without a scope from all others', () => {
    const plan = planOf(
      subtask('a', [], ['src/**']),
      subtask('b', [], ['src/b.js']),
      subtask('c'),
      subtask('d', [], []),
    );
    expect(idsToStart(state(...started(plan)))).toEqual(['a', 'c']);
    const one = state(...started(plan), launching('a'), launching('c'));
    expect(waitingReason(one, 'b')).toBe('may change the same files as "a"');
    expect(waitingReason(one, 'd')).toBe('may change the same files as "a"');
    expect(idsToStart(state(...started(plan), ...completed('a'), ...completed('b'), ...completed('c')))).toEqual(['d']);
  });

  it('keeps the files of a result that is still being merged', () => {
    const plan = planOf(subtask('a', [], ['src/**']), subtask('b', [], ['src/b.js']));
    const merging = state(...started(plan), ...completed('a').slice(0, -1));
    expect(waitingReason(merging, 'b')).toBe('may change the same files as "a"');
  });

  it('has no more workers than the setting says, and does not count merging as work', () => {
    const plan = planOf(...['a', 'b', 'c', 'd'].map((id) => subtask(id)));
    expect(idsToStart(state(...started(plan, { concurrency: 2 })))).toEqual(['a', 'b']);
    const busy = state(...started(plan, { concurrency: 2 }), launching('a'), launching('b'));
    expect(waitingReason(busy, 'c')).toBe('all 2 workers are busy');
    const merging = [...completed('a').slice(0, -1), launching('b')];
    expect(idsToStart(state(...started(plan, { concurrency: 2 }), ...merging))).toEqual(['c']);
  });

  it('counts what the caller works on before the journal has a word of it', () => {
    const plan = planOf(...['a', 'b', 'c'].map((id) => subtask(id)), subtask('d', [], ['c/x']));
    const run = state(...started(plan, { concurrency: 2 }));
    expect(idsToStart(run, heldFor(['c']))).toEqual(['a']);
    expect(idsToStart(run, heldFor(['a', 'c']))).toEqual([]);
    expect(idsToStart(state(...started(plan)), heldFor(['c']))).toEqual(['a', 'b']);
  });

  it('starts nothing beyond the spending cap and says so', () => {
    const plan = planOf(subtask('a'), subtask('b'));
    const run = state(
      ...started(plan, { maxCostUsd: 2 }),
      launching('a'),
      turnEnded('a-1', 1, [0, 10], 2),
      ended('a-1', 'infrastructure'),
    );
    expect(idsToStart(run)).toEqual([]);
    expect(waitingReason(run, 'b')).toBe('the spending cap of $2.00 is reached');
    expect(waitingReason(run, 'a')).toBe('the spending cap of $2.00 is reached');
  });

  it('reserves a share for each launch, so that what is spent and reserved stays within the cap', () => {
    const plan = planOf(...['a', 'b', 'c', 'd'].map((id) => subtask(id, [], [id])));
    const run = state(...started(plan, { maxCostUsd: 6, concurrency: 3 }));
    expect(nextToStart(run)).toEqual(['a', 'b', 'c'].map((id) => ({ id, budgetUsd: 2 })));
    expect(nextToStart(run, new Map([['d', 5]]))).toEqual([{ id: 'a', budgetUsd: 1 }]);
    const spent = state(
      ...started(plan, { maxCostUsd: 6, concurrency: 3 }),
      { ...launching('a'), budgetUsd: 2 } as RunEvent,
      turnEnded('a-1', 1, [0, 10], 3.5),
      { ...launching('b'), budgetUsd: 2 } as RunEvent,
    );
    // 3.50 spent (1.50 beyond its budget) and 2.00 reserved: 0.50 are left, and that is a quarter of a share.
    expect(spent.committedUsd).toBe(5.5);
    expect(nextToStart(spent)).toEqual([{ id: 'c', budgetUsd: 0.5 }]);
    expect(
      waitingReason(
        state(...started(plan, { maxCostUsd: 6, concurrency: 3 }), { ...launching('a'), budgetUsd: 6 } as RunEvent),
        'b',
      ),
    ).toBe('waits for money that running workers have reserved');
  });

  it('gives back what an attempt did not use', () => {
    const plan = planOf(subtask('a', [], ['a']), subtask('b', [], ['b']));
    const run = state(
      ...started(plan, { maxCostUsd: 4 }),
      { ...launching('a'), budgetUsd: 2 } as RunEvent,
      turnEnded('a-1', 1, [0, 10], 0.5),
      ended('a-1', 'rejected'),
    );
    expect(run.committedUsd).toBe(0.5);
  });

  it('gives no reason for what has started or is not there', () => {
    const run = state(...started(diamond), launching('root'));
    expect(waitingReason(run, 'root')).toBeUndefined();
    expect(waitingReason(run, 'ghost')).toBeUndefined();
    expect(waitingReason(state(...started(diamond)), 'root')).toBeUndefined();
  });
});
