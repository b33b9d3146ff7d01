import { describe, expect, it } from 'vitest';
import { hierarchy } from '../../../src/core/checkpoints/hierarchy.ts';
import type { RunEvent } from '../../../src/core/model/events.ts';
import {
  captured,
  commitOf,
  completed,
  foldOf,
  launching,
  planOf,
  started,
  subtask,
  validated,
} from '../recorded-run.ts';

const plan = planOf(
  { ...subtask('a'), estimate: { seconds: 30 } },
  { ...subtask('b', ['a']), estimate: { seconds: 90 } },
  subtask('c'),
);

const seen = (...events: readonly RunEvent[]) =>
  hierarchy(foldOf(...started(plan), ...events).state).map(({ id, state, progress }) => [id, state, progress.percent]);

describe('the checkpoints of a run', () => {
  it('are created with the plan, by estimate, and an unknown estimate counts as the mean of the others', () => {
    expect(seen()).toEqual([
      ['', 'ACTIVE', 0],
      ['a', 'CREATED', 0],
      ['b', 'CREATED', 0],
      ['c', 'CREATED', 0],
    ]);
    expect(seen(...completed('a'))[0]).toEqual(['', 'ACTIVE', 16.7]);
  });

  it('follow each subtask and each turn of its workers', () => {
    expect(seen(...completed('a'), launching('b'), captured('b-1'), validated('b-1', 'failed'))).toEqual([
      ['', 'ACTIVE', 16.7],
      ['a', 'COMPLETED', 16.7],
      ['a-1/1', 'COMPLETED', 0],
      ['b', 'ACTIVE', 16.7],
      ['b-1/1', 'FAILED', 16.7],
      ['c', 'CREATED', 0],
    ]);
  });

  it('hold position, commit, parent and worker', () => {
    const { state } = foldOf(...started(plan), ...completed('a'));
    const [, a, turn] = hierarchy(state);
    expect(a).toMatchObject({ parent: '', seq: 9, commit: commitOf('e'), worker: 'a-1', progress: { step: 3, of: 3 } });
    expect(turn).toMatchObject({
      parent: 'a',
      seq: 6,
      commit: commitOf('c'),
      worker: 'a-1',
      progress: { step: 2, of: 2 },
    });
  });

  it('fail with what they lie in', () => {
    const end: RunEvent = { type: 'run.ended', outcome: 'cancelled', detail: 'It was cancelled.' };
    const all = hierarchy(foldOf(...started(plan), launching('a'), end).state);
    expect(all.map(({ id, state, reason }) => [id, state, reason])).toEqual([
      ['', 'FAILED', 'It was cancelled.'],
      ['a', 'FAILED', 'It was cancelled.'],
      ['b', 'CREATED', undefined],
      ['c', 'CREATED', undefined],
    ]);
  });
});
