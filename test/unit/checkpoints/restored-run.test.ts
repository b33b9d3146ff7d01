import { describe, expect, it } from 'vitest';
import { nextStep } from '../../../src/core/attempt/next-step.ts';
import { restoredRun } from '../../../src/core/checkpoints/restored-run.ts';
import type { RunEvent } from '../../../src/core/model/events.ts';
import {
  captured,
  completed,
  foldOf,
  launching,
  planOf,
  records,
  started,
  subtask,
  turnEnded,
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
});
