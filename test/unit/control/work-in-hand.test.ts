import { describe, expect, it } from 'vitest';
import { WorkInHand } from '../../../src/core/control/work-in-hand.ts';

const { signal } = new AbortController();

describe('the work in hand', () => {
  it('is out of hand and left in one moment, so that nothing is begun anew in between', async () => {
    const hands = new WorkInHand();
    const seen: (readonly [inHand: boolean, isLeft: boolean])[] = [];
    let isLeft = false;
    let isOver = false;
    const look = (): void => {
      seen.push([[...hands.ids()].includes('a'), isLeft]);
      if (!isOver) queueMicrotask(look);
    };
    hands.begin(
      'a',
      signal,
      async () => look(),
      () => {
        isLeft = true;
      },
    );
    await hands.news(signal);
    isOver = true;
    expect(seen.length).toBeGreaterThan(2);
    for (const [inHand, left] of seen) expect(inHand).toBe(!left);
    expect(hands.size).toBe(0);
  });

  it('is begun once at a time', async () => {
    const hands = new WorkInHand();
    const begin = (): void =>
      hands.begin(
        'a',
        signal,
        async () => undefined,
        () => undefined,
      );
    begin();
    expect(begin).toThrow('"a" is worked on already.');
    await hands.allEnded();
    expect(begin).not.toThrow();
  });
});
