import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../src/core/model/events.ts';
import { nextToStart, waitingReason } from '../../../src/core/scheduling/next.ts';
import { completed, ended, foldOf, launching, planOf, started, subtask, turnEnded } from '../recorded-run.ts';

const diamond = planOf(
  subtask('join', ['left', 'right']),
  subtask('left', ['root']),
  subtask('right', ['root']),
  subtask('root'),
);
const state = (...events: readonly RunEvent[]) => foldOf(...events).state;

describe('nextToStart', () => {
  it('starts what depends on nothing, forks when that is merged, joins when both are', () => {
    expect(nextToStart(state(...started(diamond)))).toEqual(['root']);
    expect(nextToStart(state(...started(diamond), ...completed('root')))).toEqual(['left', 'right']);
    const half = state(...started(diamond), ...completed('root'), ...completed('left'), launching('right'));
    expect(nextToStart(half)).toEqual([]);
    expect(waitingReason(half, 'join')).toBe('waits for "right"');
    const both = [...completed('root'), ...completed('left'), ...completed('right')];
    expect(nextToStart(state(...started(diamond), ...both))).toEqual(['join']);
  });

  it('does not take an accepted result for a merged one', () => {
    const merging = completed('root').slice(0, -1);
    expect(nextToStart(state(...started(diamond), ...merging))).toEqual([]);
  });

  it('starts nothing before approval, after a cancel and after the end', () => {
    expect(nextToStart(state(...started(diamond).slice(0, 2)))).toEqual([]);
    expect(nextToStart(state(...started(diamond), { type: 'run.cancelling' }))).toEqual([]);
    expect(nextToStart(state(...started(diamond), { type: 'run.ended', outcome: 'failed', detail: '' }))).toEqual([]);
  });

  it('keeps overlapping scopes apart, and a subtask without a scope from all others', () => {
    const plan = planOf(
      subtask('a', [], ['src/**']),
      subtask('b', [], ['src/b.js']),
      subtask('c'),
      subtask('d', [], []),
    );
    expect(nextToStart(state(...started(plan)))).toEqual(['a', 'c']);
    const one = state(...started(plan), launching('a'), launching('c'));
    expect(waitingReason(one, 'b')).toBe('may change the same files as "a"');
    expect(waitingReason(one, 'd')).toBe('may change the same files as "a"');
    expect(nextToStart(state(...started(plan), ...completed('a'), ...completed('b'), ...completed('c')))).toEqual([
      'd',
    ]);
  });

  it('keeps the files of a result that is still being merged', () => {
    const plan = planOf(subtask('a', [], ['src/**']), subtask('b', [], ['src/b.js']));
    const merging = state(...started(plan), ...completed('a').slice(0, -1));
    expect(waitingReason(merging, 'b')).toBe('may change the same files as "a"');
  });

  it('has no more workers than the setting says, and does not count merging as work', () => {
    const plan = planOf(...['a', 'b', 'c', 'd'].map((id) => subtask(id)));
    expect(nextToStart(state(...started(plan, { concurrency: 2 })))).toEqual(['a', 'b']);
    const busy = state(...started(plan, { concurrency: 2 }), launching('a'), launching('b'));
    expect(waitingReason(busy, 'c')).toBe('all 2 workers are busy');
    const merging = [...completed('a').slice(0, -1), launching('b')];
    expect(nextToStart(state(...started(plan, { concurrency: 2 }), ...merging))).toEqual(['c']);
  });

  it('counts what the caller works on before the journal has a word of it', () => {
    const plan = planOf(...['a', 'b', 'c'].map((id) => subtask(id)), subtask('d', [], ['c/x']));
    const run = state(...started(plan, { concurrency: 2 }));
    expect(nextToStart(run, new Set(['c']))).toEqual(['a']);
    expect(nextToStart(run, new Set(['a', 'c']))).toEqual([]);
    expect(nextToStart(state(...started(plan)), new Set(['c']))).toEqual(['a', 'b']);
  });

  it('starts nothing beyond the spending cap and says so', () => {
    const plan = planOf(subtask('a'), subtask('b'));
    const run = state(
      ...started(plan, { maxCostUsd: 2 }),
      launching('a'),
      turnEnded('a-1', 1, [0, 10], 2),
      ended('a-1', 'infrastructure'),
    );
    expect(nextToStart(run)).toEqual([]);
    expect(waitingReason(run, 'b')).toBe('the spending cap of $2.00 is reached');
    expect(waitingReason(run, 'a')).toBe('the spending cap of $2.00 is reached');
  });

  it('gives no reason for what has started or is not there', () => {
    const run = state(...started(diamond), launching('root'));
    expect(waitingReason(run, 'root')).toBeUndefined();
    expect(waitingReason(run, 'ghost')).toBeUndefined();
    expect(waitingReason(state(...started(diamond)), 'root')).toBeUndefined();
  });
});
