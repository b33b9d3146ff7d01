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
    const failing = caseOf((await firstFound('retry-counted-early')) ?? 0);
    const failure = await failureOf(failing, 'retry-counted-early');
    const smaller = await shrink(failing, 'retry-counted-after-start', 'retry-counted-early');
    expect(failure?.broken.invariant).toBe('retry-counted-after-start');
    expect(smaller.failure.broken.invariant).toBe('retry-counted-after-start');
    expect(smaller.given.plan.subtasks.length).toBeLessThanOrEqual(2);
    // Which case is found first changes with what is simulated, and some need one fault for the time at which another is.
    expect(smaller.given.faults.length).toBeLessThanOrEqual(3);
    expect(smaller.given.faults.length).toBeLessThan(failing.faults.length);
  });
});
