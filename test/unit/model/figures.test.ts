import { describe, expect, it } from 'vitest';
import { figuresOf } from '../../../src/core/model/figures.ts';
import { completed, ended, foldOf, launching, planOf, started, subtask, turnEnded } from '../recorded-run.ts';

describe('what the subtasks of a run took', () => {
  const plan = planOf({ ...subtask('a'), estimate: { seconds: 60 } }, subtask('b'), subtask('c'));

  it('is the sum over the attempts of each that ended, good or bad', () => {
    const { state } = foldOf(
      ...started(plan),
      launching('a'),
      turnEnded('a-1', 1, [0, 10], 0.5),
      ended('a-1', 'infrastructure'),
      launching('a', 'a-2', 2),
      turnEnded('a-2', 1, [0, 10], 0.25),
      ended('a-2', 'rejected'),
      { type: 'subtask.failed', subtask: 'a', reason: 'No.' },
      ...completed('b'),
      launching('c'),
    );
    // The events of this test are a second apart.
    expect(figuresOf(state)).toEqual([
      { seconds: 4, costUsd: 0.75, tokens: 22, estimateSeconds: 60 },
      { seconds: 3, costUsd: 0, tokens: 0 },
    ]);
  });

  it('leaves out for how long the machine slept', () => {
    const { state } = foldOf(
      ...started(plan),
      launching('a'),
      { type: 'run.slept', ms: 2_000 },
      turnEnded('a-1', 1, [0, 10]),
      ended('a-1', 'rejected'),
      { type: 'subtask.failed', subtask: 'a', reason: 'No.' },
    );
    expect(figuresOf(state)).toMatchObject([{ seconds: 1 }]);
  });

  it('is nothing where an earlier result was taken', () => {
    const { state } = foldOf(
      ...started(plan),
      {
        type: 'attempt.carried',
        attempt: 'b-1',
        subtask: 'b',
        number: 1,
        turn: 1,
        iterations: 0,
        base: 'b'.repeat(40),
        why: 'reused',
        from: { run: 'run-0', attempt: 'b-1' },
        commit: 'c'.repeat(40),
        tree: 'd'.repeat(40),
        files: [],
        key: 'k',
      },
      { type: 'subtask.failed', subtask: 'b', reason: 'No.' },
    );
    expect(figuresOf(state)).toEqual([]);
  });
});
