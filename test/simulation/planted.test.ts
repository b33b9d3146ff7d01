import { describe, expect, it } from 'vitest';
import type { Invariant } from './broken.ts';
import { caseOf } from './generate.ts';
import { PLANTED_BUGS, type PlantedBug } from './planted-bug.ts';
import { failureOf, shrink } from './shrink.ts';

/**
 * What each bug breaks by its meaning. Some break more than that in other seeds: whoever lives on a wrong belief for
 * long comes to a crash, or to an end with something left undone. That is not what should notice them.
 */
const NOTICED_BY: Readonly<Record<PlantedBug, readonly Invariant[]>> = {
  'intent-after-effect': ['intent-before-effect'],
  'fsync-ignored': ['durable-before-acknowledged', 'replay-is-the-truth'],
  'claim-not-exclusive': ['one-claim', 'one-worker'],
  // What was sealed off has the numbers of what its successor wrote: the reader refuses both together.
  'seal-ignored': ['replay-is-the-truth', 'journal-readable'],
  'outcome-ingested-twice': ['ingested-once'],
  'retry-counted-early': ['retry-counted-after-start'],
  // Something does not start for want of money that is there, and is waited for or left out with that for a reason.
  'reservation-kept-on-crash': ['budget', 'starts-when-it-can', 'named-reason'],
  'dependant-before-integration': ['dependencies'],
  'slot-reused-before-snapshot': ['snapshot-before-reuse'],
  'lease-by-heartbeat': ['one-owner', 'lost-is-gone'],
  'restored-in-parts': ['restored-is-whole'],
  'restored-without-merged': ['restored-is-whole'],
};

interface Noticed {
  readonly seed: number;
  readonly by: Invariant;
}

/** The first seed in which one of these invariants is the first to be broken. */
async function firstNoticed(bug: PlantedBug, by: readonly Invariant[]): Promise<Noticed | undefined> {
  for (let seed = 1; seed <= 1_000; seed += 1) {
    const invariant = (await failureOf(caseOf(seed), bug))?.broken.invariant;
    if (invariant !== undefined && by.includes(invariant)) return { seed, by: invariant };
  }
  return undefined;
}

describe('the simulation itself', { timeout: 600_000 }, () => {
  it.each(PLANTED_BUGS)('notices the planted bug "%s" by what it breaks, and nothing without it', async (bug) => {
    const noticed = await firstNoticed(bug, NOTICED_BY[bug]);
    expect(NOTICED_BY[bug]).toContain(noticed?.by);
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
