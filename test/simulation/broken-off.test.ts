import { describe, expect, it } from 'vitest';
import { tokensOf } from '../../src/core/model/tokens.ts';
import { plain, strike } from './plain-case.ts';
import { simulate } from './simulate.ts';

const one = { ...plain, concurrency: 1, infrastructureRetries: 2 };

describe('a worker that is broken off', () => {
  it('is not started for ever where something ends its supervisor each time', async () => {
    for (let seed = 1; seed <= 5; seed += 1) {
      const behaviours = { a: Array<'supervisor-lost'>(8).fill('supervisor-lost') };
      const { state } = await simulate({ ...one, seed, behaviours, faults: [] });
      // The first loss is free, two more are retried.
      expect(state.subtasks.get('a')).toMatchObject({
        status: 'failed',
        attempts: { length: 4 },
        reason: expect.stringContaining('4 times in a row'),
      });
    }
  });

  it('is started again as often as the machine goes down with it', async () => {
    const faults = [1, 2, 3, 4, 5].map((nth) => strike('power-loss', 'record attempt.session/after', nth));
    const { state } = await simulate({ ...one, seed: 1, faults });
    expect(state.status).toBe('completed');
    expect(state.subtasks.get('a')?.attempts).toHaveLength(6);
  });

  it('has cost what it used in the turn that it did not end', async () => {
    const used: number[] = [];
    for (let seed = 1; seed <= 30; seed += 1) {
      const faults = [strike('supervisor-lost', 'record attempt.tool-called/after')];
      const { state } = await simulate({ ...one, seed, tokensATurn: 40_000, costUsd: 0.1, faults });
      expect(state.status).toBe('completed');
      const [first] = [...state.attempts.values()];
      if (!first?.ended?.lost || first.turns > 0) continue;
      used.push(tokensOf(first.usage));
      // Of no turn the CLI had told figures: both shares are the run's caps, $5 and 2,000,000 tokens.
      expect(first.untold?.costUsd).toBeCloseTo(0.1);
      expect(state.tokens).toBe(80_000);
    }
    expect(used.length).toBeGreaterThan(5);
    expect(new Set(used)).toEqual(new Set([40_000]));
  });
});

describe('a planner', () => {
  it('is not started again where the one that was lost has used up a cap', async () => {
    const faults = [strike('power-loss', 'record attempt.turn-ended/after', 2)];
    const planner = ['broken', 'good'] as const;
    const tokens = { ...one, seed: 1, planner, tokensATurn: 60_000, maxTokens: 100_000, faults };
    const { state } = await simulate(tokens);
    expect(state).toMatchObject({
      status: 'failed',
      attempts: { size: 1 },
      detail: expect.stringContaining('the token cap of 100,000 tokens is reached'),
    });
  });
});
