import { describe, expect, it } from 'vitest';
import { caseOf } from './generate.ts';
import { PLANTED_BUGS, type PlantedBug } from './planted-bug.ts';
import { failureOf, shrink } from './shrink.ts';

async function firstFound(bug: PlantedBug): Promise<number | undefined> {
  for (let seed = 1; seed <= 1_000; seed += 1) if (await failureOf(caseOf(seed), bug)) return seed;
  return undefined;
}

describe('the simulation itself', () => {
  it.each(PLANTED_BUGS)('notices the planted bug "%s"', async (bug) => {
    expect(await firstFound(bug)).toBeDefined();
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
