import { describe, expect, it } from 'vitest';
import type { SuiteOutcome } from './driver/run-suite.ts';

/** Reports each test that ran inside the extension host as one of this file. */
export function reportSuite(name: string, { tests, failure }: SuiteOutcome, more: () => void = () => undefined): void {
  describe(name, () => {
    it('the suite ran to its end', () => {
      expect(failure).toBeUndefined();
      expect(tests).not.toHaveLength(0);
    });

    for (const test of tests) {
      it.skipIf(test.state === 'skipped')(test.name, () => {
        if (test.state !== 'passed') throw new Error(test.error ?? test.state);
      });
    }

    more();
  });
}
