import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retention } from '../../../src/core/checkpoints/retention.ts';
import type { RunEvent } from '../../../src/core/model/events.ts';
import type { RunState } from '../../../src/core/model/run.ts';
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

const DAY = 86_400_000;
const plan = planOf(subtask('a'), subtask('b'));

/** A turn that archived a session of so many bytes. */
const turn = (attempt: string, number: number, bytes: number): RunEvent => ({
  ...(captured(attempt, number) as Extract<RunEvent, { type: 'attempt.captured' }>),
  session: { session: 's', message: 'm', archive: String(number).repeat(64).slice(0, 64), bytes },
});
const end: RunEvent = { type: 'run.ended', outcome: 'completed', detail: '' };
const apply: RunEvent = { type: 'apply.done', branch: 'main', commit: commitOf('a'), files: [] };
const runOf = (...events: readonly RunEvent[]): RunState => foldOf(...started(plan), ...events).state;

const LIMITS = { days: 30, bytes: 1_000_000 };
const gone = (runs: readonly RunState[], limits = LIMITS, now = 40 * DAY) =>
  retention(runs, limits, now).remove.map(({ checkpoint }) => checkpoint);

describe('what is kept of checkpoints', () => {
  const twoTurns = [launching('a'), turn('a-1', 1, 100), validated('a-1', 'failed'), turn('a-1', 2, 200)];

  it('is everything of a run that has not ended', () => {
    expect(gone([runOf(...twoTurns)])).toEqual([]);
  });

  it('is thirty days old at most, and the last of each run in any case', () => {
    const run = runOf(...twoTurns, end);
    expect(gone([run], LIMITS, 29 * DAY)).toEqual([]);
    expect(gone([run])).toEqual(['a-1/1']);
  });

  it('is the result of a run until it is applied', () => {
    const events = [...completed('a'), ...completed('b'), end];
    expect(gone([runOf(...events)])).toEqual([]);
    expect(gone([runOf(...events, apply)])).toEqual(['a-1/1']);
  });

  it('is what a run that goes on was restored from', () => {
    const source = runOf(...twoTurns, end);
    const fork: RunState = {
      ...runOf(),
      id: 'run-2',
      origin: { run: 'run-1', checkpoint: 'a-1/1', seq: 6, costUsd: 0 },
    };
    expect(gone([source, fork])).toEqual([]);
    expect(gone([source, { ...fork, endedAt: 1 }])).toEqual(['a-1/1']);
  });

  it('takes no more room than allowed, the oldest going first, unless all of it is needed', () => {
    const events = [launching('a'), ...[1, 2, 3, 4].map((number) => turn('a-1', number, 100)), end];
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), (bytes) => {
        const { remove, keep } = retention([runOf(...events)], { days: 30, bytes }, 0);
        const kept = keep.reduce((sum, one) => sum + one.bytes, 0);
        expect(kept <= bytes || keep.length === 1).toBe(true);
        expect(remove.map(({ checkpoint }) => checkpoint)).toEqual(['a-1/1', 'a-1/2', 'a-1/3'].slice(0, remove.length));
        // Nothing goes for no reason.
        if (remove.length > 0) expect(kept + 100).toBeGreaterThan(bytes);
      }),
    );
  });
});
