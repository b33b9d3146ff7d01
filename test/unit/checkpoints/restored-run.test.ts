import { describe, expect, it } from 'vitest';
import { nextStep } from '../../../src/core/attempt/next-step.ts';
import { restoredRun } from '../../../src/core/checkpoints/restored-run.ts';
import type { EventOf, RunEvent } from '../../../src/core/model/events.ts';
import {
  captured,
  commitOf,
  completed,
  ended,
  foldOf,
  launching,
  planOf,
  records,
  started,
  subtask,
  turnEnded,
  validated,
} from '../recorded-run.ts';

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

  it('is paused, and has its subtasks paused and pinned, as the other was then', () => {
    const words: RunEvent[] = [
      { type: 'subtask.pinned', subtask: 'b' },
      { type: 'subtask.pinned', subtask: 'a' },
      { type: 'subtask.paused', subtask: 'c' },
      { type: 'run.paused' },
    ];
    const { events } = restored([...started(plan), ...words]);
    const { state } = foldOf(...events);
    expect([...state.pinned]).toEqual(['b', 'a']);
    expect(state.paused).toBe(true);
    expect([...state.subtasks.values()].map(({ paused }) => paused)).toEqual([false, false, true]);
  });

  it('goes on with what was broken off, instead of judging it', () => {
    const broken: RunEvent[] = [
      { ...launching('a'), budgetUsd: 1 } as RunEvent,
      turnEnded('a-1', 1, [0, 10], 2, 'budget'),
      captured('a-1'),
      { type: 'attempt.ended', attempt: 'a-1', exitCode: 1, outcome: 'interrupted', detail: 'Spent.' },
    ];
    const { events } = restored([...started(plan), ...broken]);
    expect(events.at(-1)).toMatchObject({ type: 'attempt.carried', subtask: 'a', unfinished: true });
    const attempt = foldOf(...events).state.attempts.get('a-new');
    expect(attempt && nextStep(attempt, 3)).toBe('give-up');
  });

  describe('of a subtask whose result came back', () => {
    const back: RunEvent[] = [
      ...completed('a'),
      ...completed('b').slice(0, -1),
      {
        ...{ type: 'integration.returned', subtask: 'b', attempt: 'b-1', why: 'conflict', reason: 'It conflicts.' },
        ...{ onto: commitOf('e'), merged: commitOf('f'), message: 'Resolve it.', paths: ['NOTES.md'] },
      },
    ];
    const again = {
      ...{ ...launching('b', 'b-2', 2), continues: 'b-1', start: commitOf('f'), conflicts: ['NOTES.md'] },
    } as RunEvent;
    const markers = [turnEnded('b-2', 1, [0, 10]), captured('b-2', 1, commitOf('9')), validated('b-2', 'failed')];
    const carriedOf = (...events: readonly RunEvent[]) =>
      restored([...started(plan), ...back, ...events]).events.flatMap((event) =>
        event.type === 'attempt.carried' && event.subtask === 'b' ? event : [],
      );

    it('knows in which files its worker had to resolve a conflict', () => {
      expect(carriedOf(again, ...markers)).toMatchObject([{ commit: commitOf('9'), conflicts: ['NOTES.md'] }]);
    });

    it('has that result where the worker that goes on with it had not ended a turn', () => {
      const [kept, ...others] = carriedOf(again);
      expect(others).toEqual([]);
      expect(kept).toMatchObject({ from: { attempt: 'b-1' }, commit: commitOf('c'), iterations: 0 });
      expect(kept).not.toHaveProperty('conflicts');
      expect(carriedOf(again, ended('b-2', 'cancelled'))).toEqual([kept]);
    });

    it('has that result where a person is to resolve what its worker could not', () => {
      const asked: RunEvent = { ...(back.at(-1) as EventOf<'integration.returned'>), asks: true };
      const kept = carriedOf(again, ...markers, ended('b-2', 'rejected'), asked);
      expect(kept).toMatchObject([{ from: { attempt: 'b-1' }, commit: commitOf('c') }]);
    });
  });

  it('goes on with what was broken off, though the attempt that went on with it had not ended a turn', () => {
    const next = { ...launching('a', 'a-2', 2), continues: 'a-1' } as RunEvent;
    const first = [launching('a'), turnEnded('a-1', 1, [0, 10]), captured('a-1'), ended('a-1', 'interrupted')];
    const { events } = restored([...started(plan), ...first, next]);
    expect(events.at(-1)).toMatchObject({ type: 'attempt.carried', from: { attempt: 'a-1' }, commit: commitOf('c') });
  });

  it('has nothing of a result that was rejected, nor of what it went on with', () => {
    const next = { ...launching('a', 'a-2', 2), continues: 'a-1' } as RunEvent;
    const first = [launching('a'), turnEnded('a-1', 1, [0, 10]), captured('a-1'), ended('a-1', 'interrupted')];
    for (const last of [
      [launching('a'), captured('a-1'), validated('a-1', 'failed'), ended('a-1', 'rejected')],
      [...first, next, ended('a-2', 'rejected')],
    ]) {
      const { events } = restored([...started(plan), ...last]);
      expect(events.filter(({ type }) => type === 'attempt.carried')).toEqual([]);
    }
  });
});
