import { describe, expect, it } from 'vitest';
import { caseOf } from './generate.ts';
import { firstNoticed, NOTICED_BY } from './noticed.ts';
import { PLANTED_BUGS } from './planted-bug.ts';
import { failureOf, shrink } from './shrink.ts';

describe('the simulation itself', { timeout: 600_000 }, () => {
  it.each(PLANTED_BUGS)('notices the planted bug "%s" by what it breaks, and nothing without it', async (bug) => {
    const noticed = await firstNoticed(bug, { first: 1, seeds: 1_000 });
    expect(NOTICED_BY[bug]).toContain(noticed?.broken.invariant);
    expect(await failureOf(caseOf(noticed?.seed ?? 0))).toBeUndefined();
  });

  it('shrinks a failing case to a few subtasks and faults that still fail in the same way', async () => {
    const [bug, invariant] = ['retry-counted-early', 'retry-counted-after-start'] as const;
    const sizes: number[] = [];
    for (let seed = 1; sizes.length < 2; seed += 1) {
      const failing = caseOf(seed);
      if ((await failureOf(failing, bug))?.broken.invariant !== invariant) continue;
      const { given, failure } = await shrink(failing, invariant, { bug, most: 600 });
      expect(failure.broken.invariant).toBe(invariant);
      expect(given.faults.length).toBeLessThan(failing.faults.length);
      sizes.push(given.plan.subtasks.length + given.faults.length);
    }
    // Some need one fault or subtask for the time at which another one comes.
    expect(Math.min(...sizes)).toBeLessThanOrEqual(3);
  });
});
