import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterAnswer,
  afterFailure,
  afterLimit,
  type Breaker,
  CLOSED,
  phaseOf,
} from '../../../src/core/model/breaker.ts';

const MINUTE = 60_000;
const T = 1_700_000_000_000;

const failing = (times: readonly number[], from: Breaker = CLOSED, began = T): Breaker =>
  times.reduce((breaker, at) => afterFailure(breaker, at, began, 'the API fails with 529'), from);
const five = [0, 1, 2, 3, 4].map((second) => T + 1_000 * second);
const opened = failing(five);
const openUntil = T + 4_000 + MINUTE;

describe('the breaker', () => {
  it('opens with the fifth failure within five minutes, for a minute', () => {
    expect(phaseOf(failing(five.slice(1)), T + 5_000)).toBe('closed');
    expect(phaseOf(opened, T + 4_000)).toBe('open');
    expect(phaseOf(opened, openUntil - 1)).toBe('open');
    expect(phaseOf(opened, openUntil)).toBe('half-open');
  });

  it('forgets failures that are older than five minutes', () => {
    const slow = [0, 1, 2, 3, 5, 6.5].map((minute) => T + MINUTE * minute);
    expect(phaseOf(failing(slow), T + 6.5 * MINUTE)).toBe('closed');
  });

  it('closes with the third answer after that minute, and knows of no failure then', () => {
    const once = afterAnswer(opened, openUntil);
    expect(afterAnswer(opened, openUntil - 1)).toBe(opened);
    expect(phaseOf(afterAnswer(once, openUntil + 1), openUntil + 1)).toBe('half-open');
    expect(afterAnswer(afterAnswer(once, openUntil + 1), openUntil + 2)).toEqual(CLOSED);
  });

  it('opens again for twice as long when a try fails, up to a quarter of an hour', () => {
    let breaker = opened;
    const minutes: number[] = [];
    for (let tries = 0; tries < 6; tries += 1) {
      const at = breaker.opened?.until ?? 0;
      breaker = afterFailure(breaker, at, at, 'again');
      minutes.push(((breaker.opened?.until ?? 0) - at) / MINUTE);
    }
    expect(minutes).toEqual([2, 4, 8, 15, 15, 15]);
    expect(breaker.opened?.why).toBe('again');
  });

  it('learns nothing from a failure of a worker that was begun before', () => {
    expect(afterFailure(opened, openUntil + 1, openUntil - 1, '')).toBe(opened);
    expect(afterFailure(opened, openUntil - 1, T, '')).toBe(opened);
  });

  it('stays open until the limit of the account is lifted, unless that is no time', () => {
    const limited = afterLimit(CLOSED, T, T + 300 * MINUTE);
    expect(phaseOf(limited, T + 299 * MINUTE)).toBe('open');
    expect(phaseOf(limited, T + 300 * MINUTE)).toBe('half-open');
    for (const until of [T, T - 1, T * 1_000, Number.POSITIVE_INFINITY, Number.NaN])
      expect(phaseOf(afterLimit(CLOSED, T, until), T)).toBe('closed');
  });

  it('is not open for longer because the clock was set back', () => {
    expect(phaseOf(opened, T - 24 * 60 * MINUTE)).toBe('half-open');
  });

  it('whatever happens, is never open for longer than a quarter of an hour without a limit', () => {
    const step = fc.record({ fails: fc.boolean(), afterMs: fc.nat(20 * MINUTE), ageMs: fc.nat(20 * MINUTE) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let [breaker, at] = [CLOSED, T];
        for (const { fails, afterMs, ageMs } of steps) {
          at += afterMs;
          breaker = fails ? afterFailure(breaker, at, at - ageMs, '') : afterAnswer(breaker, at);
          expect(phaseOf(breaker, at + 15 * MINUTE)).not.toBe('open');
          expect(breaker.failures.length).toBeLessThan(5);
        }
      }),
      { seed: 1 },
    );
  });
});
