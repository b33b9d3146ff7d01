import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../src/core/model/events.ts';
import { countedFailures } from '../../../src/core/model/retries.ts';
import { Scheduler } from '../../../src/core/scheduling/scheduler.ts';
import { waitingFor } from '../../../src/core/scheduling/waiting.ts';
import { ended, foldOf, launching, planOf, started, subtask, turnEnded } from '../recorded-run.ts';

const plan = planOf(subtask('a'), subtask('b'), subtask('c'));

const retried = (attempt: string, from: number): RunEvent => ({
  type: 'attempt.api-retried',
  attempt,
  bytes: { from, to: from + 1 },
  status: 529,
  error: 'overloaded',
});

/** An attempt whose CLI asks three times and gives up. */
const overloaded = (name: string, number: number): RunEvent[] => {
  const attempt = `${name}-${number}`;
  return [
    launching(name, attempt, number),
    retried(attempt, 0),
    retried(attempt, 1),
    turnEnded(attempt, 1, [2, 3], 0, 'api'),
    ended(attempt, 'infrastructure'),
  ];
};
// The events of these tests are a second apart; the fifth failure of the API is the 12th.
const outage = [...started(plan, { concurrency: 3 }), ...overloaded('a', 1), ...overloaded('b', 1)];
const openedAt = 11_000;

const at = (now: number) => ({ now, freeMb: undefined });

describe('a run whose API fails', () => {
  const { state } = foldOf(...outage);

  it('launches nothing until the breaker lets one try, and says when', () => {
    expect(state.breaker.opened).toMatchObject({ at: openedAt, until: openedAt + 60_000 });
    expect(new Scheduler().next(state, [], at(20_000))).toEqual({ launches: [], againAt: openedAt + 60_000 });
    expect(waitingFor(state, 'c', at(20_000))).toMatchObject({
      waitsFor: 'api',
      reason: 'the API fails with 529 (overloaded); tries again in 51 s',
    });
  });

  it('lets one worker at a time try', () => {
    const scheduler = new Scheduler();
    const now = at(openedAt + 60_000);
    const { launches } = scheduler.next(state, [], now);
    expect(launches).toHaveLength(1);
    expect(scheduler.next(state, [], now).launches).toEqual([]);
    expect(scheduler.next(state, [], at(openedAt + 80_000)).againAt).toBe(openedAt + 85_000);
  });

  it('does not count what failed while it failed everybody', () => {
    const attempts = [...state.attempts.values()];
    expect(attempts.map(({ inOutage }) => inOutage)).toEqual([false, true]);
    expect(countedFailures(attempts)).toBe(1);
  });

  it('goes on with all workers once it answers', () => {
    const tools = [0, 1, 2].map((from): RunEvent => {
      return {
        type: 'attempt.tool-called',
        attempt: 'c-1',
        bytes: { from, to: from + 1 },
        tool: 'Read',
        summary: 'Read',
      };
    });
    const waiting = Array.from({ length: 60 }, (): RunEvent => ({ type: 'run.paused' }));
    const { state: later } = foldOf(...outage, ...waiting, { type: 'run.resumed' }, launching('c'), ...tools);
    expect(later.breaker.opened).toBeUndefined();
    expect(waitingFor(later, 'a', at(200_000))).toBeUndefined();
  });
});
