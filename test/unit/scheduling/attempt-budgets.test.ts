import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../src/core/model/events.ts';
import type { Subtask } from '../../../src/core/model/plan.ts';
import type { RunSettings } from '../../../src/core/model/settings.ts';
import { Scheduler } from '../../../src/core/scheduling/scheduler.ts';
import { waitingFor } from '../../../src/core/scheduling/waiting.ts';
import { captured, ended, foldOf, launching, planOf, started, subtask, turnEnded } from '../recorded-run.ts';

const NOW = { now: 1_000_000, freeMb: undefined };
const reserved = (attempt: string, number: number, budgetUsd: number, continues?: string): RunEvent =>
  ({ ...launching('a', attempt, number), budgetUsd, ...(continues ? { continues } : {}) }) as RunEvent;
const broken = (attempt: string, usd: number): RunEvent[] => [
  turnEnded(attempt, 1, [0, 10], usd, 'budget'),
  captured(attempt),
  { type: 'attempt.ended', attempt, exitCode: 1, outcome: 'interrupted', detail: 'Spent.' },
];
const runOf = (own: Partial<Subtask>, settings: Partial<RunSettings>, ...events: readonly RunEvent[]) =>
  foldOf(...started(planOf({ ...subtask('a'), ...own }, subtask('b')), settings), ...events).state;
const launchOf = (run: ReturnType<typeof runOf>) =>
  new Scheduler().next(run, [], NOW).launches.find(({ id }) => id === 'a')?.budget.usd;

describe('the budget of an attempt', () => {
  it('is its share, or what the settings or the plan allow one attempt', () => {
    expect(launchOf(runOf({}, { maxCostUsd: 6 }))).toBe(3);
    expect(launchOf(runOf({}, { maxCostUsd: 6, attemptCostUsd: 2 }))).toBe(2);
    expect(launchOf(runOf({ budget: { attempt: { usd: 1 } } }, { maxCostUsd: 6, attemptCostUsd: 2 }))).toBe(1);
    expect(launchOf(runOf({ budget: { usd: 0.5, attempt: { usd: 1 } } }, { maxCostUsd: 6 }))).toBe(0.5);
  });

  it('is another share for the next one, where the first was not enough', () => {
    const run = runOf({}, { maxCostUsd: 9, concurrency: 3 }, reserved('a-1', 1, 4.5), ...broken('a-1', 4.5));
    expect(launchOf(run)).toBe(4.5);
  });

  it('counts for all parts of one attempt together', () => {
    const own = { budget: { attempt: { usd: 2 } } };
    const first = [reserved('a-1', 1, 1), ...broken('a-1', 1.2)];
    expect(launchOf(runOf(own, { maxCostUsd: 9 }, ...first))).toBeCloseTo(0.8);
    const second = [...first, reserved('a-2', 2, 0.8, 'a-1'), ...broken('a-2', 0.8)];
    const run = runOf(own, { maxCostUsd: 9 }, ...second);
    expect(waitingFor(run, 'a', NOW)).toMatchObject({
      waitsFor: 'budget',
      reason: 'the limit of one attempt, $2.00, is used up',
    });
    // An attempt that starts afresh, or after a person had it tried again, has all of it.
    const afresh = [...first, reserved('a-2', 2, 0.8), ...broken('a-2', 0.8)];
    expect(launchOf(runOf(own, { maxCostUsd: 9 }, ...afresh))).toBeCloseTo(1.2);
    const failed: RunEvent = { type: 'subtask.failed', subtask: 'a', reason: 'Spent.' };
    const again: RunEvent = { type: 'subtask.retried', subtask: 'a' };
    expect(launchOf(runOf(own, { maxCostUsd: 9 }, ...second, failed, again))).toBe(2);
  });

  it('counts for what it goes on with, also where the attempt between was lost before its first turn had ended', () => {
    const own = { budget: { attempt: { usd: 2 } } };
    const first = [reserved('a-1', 1, 1), ...broken('a-1', 1.2)];
    const lost = [...first, reserved('a-2', 2, 0.8, 'a-1'), ended('a-2', 'interrupted')];
    expect(launchOf(runOf(own, { maxCostUsd: 9 }, ...lost))).toBeCloseTo(0.8);
    const last = [...lost, reserved('a-3', 3, 0.8, 'a-1'), ...broken('a-3', 0.8)];
    expect(launchOf(runOf(own, { maxCostUsd: 9 }, ...last))).toBeUndefined();
    // One that was lost after a turn of its own is gone on with as another attempt.
    const later = [...first, reserved('a-2', 2, 0.8, 'a-1'), captured('a-2'), ended('a-2', 'interrupted')];
    expect(launchOf(runOf(own, { maxCostUsd: 9 }, ...later))).toBe(2);
  });
});
