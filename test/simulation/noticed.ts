import type { Broken, Invariant } from './broken.ts';
import { caseOf } from './generate.ts';
import type { PlantedBug } from './planted-bug.ts';
import { failureOf } from './shrink.ts';

/**
 * What each bug breaks by its meaning. Some break more than that in other seeds: whoever lives on a wrong belief for
 * long comes to a crash, or to an end with something left undone. That is not what should notice them.
 */
export const NOTICED_BY: Readonly<Record<PlantedBug, readonly Invariant[]>> = {
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

/** The first seed in which an invariant that is to notice the bug is the first to be broken. */
export async function firstNoticed(
  bug: PlantedBug,
  { first, seeds }: { readonly first: number; readonly seeds: number },
): Promise<{ readonly seed: number; readonly broken: Broken } | undefined> {
  for (let seed = first; seed < first + seeds; seed += 1) {
    const broken = (await failureOf(caseOf(seed), bug))?.broken;
    if (broken && NOTICED_BY[bug].includes(broken.invariant)) return { seed, broken };
  }
  return undefined;
}
