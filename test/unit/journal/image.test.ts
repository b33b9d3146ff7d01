import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RunFold } from '../../../src/core/journal/fold.ts';
import { runEventSchema } from '../../../src/core/model/events.ts';
import { anyRecords } from './any-events.ts';

/** As a snapshot on disk gives it back. */
const kept = (fold: RunFold): unknown => deserialize(serialize(fold.image()));

/** Whatever is added to the state has to be plain data in it: a class or a field beside it fails here. */
describe('an image of a run', () => {
  it('is as good as the records that it came of, wherever it was taken', () => {
    fc.assert(
      fc.property(anyRecords, fc.nat(), (records, at) => {
        const whole = RunFold.of(records);
        const cut = 1 + (at % records.length);
        const resumed = new RunFold();
        resumed.restore(kept(RunFold.of(records.slice(0, cut))));
        // A snapshot's tail begins with records that are in it already.
        for (const record of records.slice(Math.max(cut - 3, 0))) resumed.apply(record);
        expect(resumed.image()).toStrictEqual(whole.image());
        expect(kept(whole)).toStrictEqual(whole.image());
      }),
      { numRuns: 300 },
    );
  });

  it('is tried with nearly every kind of event', () => {
    const seen = new Set<string>();
    for (const records of fc.sample(anyRecords, { numRuns: 1_000, seed: 1 }))
      for (const { event } of records) seen.add(event.type);
    const all = runEventSchema.options.map(({ shape }) => shape.type.value);
    expect(all.filter((type) => !seen.has(type)).length).toBeLessThan(4);
  });
});
