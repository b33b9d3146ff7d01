import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runSuite } from './driver/run-suite.ts';
import { selectDriver } from './driver/select.ts';
import { editorScenario } from './suite/extension-scenario.ts';
import { openWorkplace } from './suite/extension-workplace.ts';

const work = await openWorkplace(editorScenario());
afterAll(() => work.close());

const outcome = await runSuite({
  driver: await selectDriver(),
  extensionPath: join(import.meta.dirname, '..', '..'),
  name: 'day-one',
  suites: ['day-one', 'configuration'],
  folder: work.folder,
  env: work.env,
  settings: {
    ...work.settings,
    'claudeOrchestrator.approvePlan': 'never',
    'claudeOrchestrator.applyResult': 'whenValidated',
  },
});

describe('the extension from its first day on', () => {
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
