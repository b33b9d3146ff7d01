import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runSuite } from './driver/run-suite.ts';
import { selectDriver } from './driver/select.ts';

process.env['EDITOR_TEST_OUTER'] = 'must not reach the editor';

const outcome = await runSuite({
  driver: await selectDriver(),
  extensionPath: join(import.meta.dirname, '..', 'fixtures', 'probe-extension'),
  name: 'smoke',
  suites: ['smoke'],
  settings: { 'editor.fontSize': 15 },
});

describe('inside the extension host', () => {
  it('the suite ran to its end', () => {
    expect(outcome.failure).toBeUndefined();
    expect(outcome.tests).not.toHaveLength(0);
  });

  for (const test of outcome.tests) {
    it.skipIf(test.state === 'skipped')(test.name, () => {
      if (test.state !== 'passed') throw new Error(test.error ?? test.state);
    });
  }
});
