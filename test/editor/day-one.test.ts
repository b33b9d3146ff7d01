import { afterAll } from 'vitest';
import { runSuite } from './driver/run-suite.ts';
import { selectDriver } from './driver/select.ts';
import { AUTOMATIC, root } from './person.ts';
import { reportSuite } from './report-suite.ts';
import { editorScenario } from './suite/extension-scenario.ts';
import { openWorkplace } from './suite/extension-workplace.ts';

const work = await openWorkplace(editorScenario());
afterAll(() => work.close());

const outcome = await runSuite({
  driver: await selectDriver(),
  extensionPath: root,
  name: 'day-one',
  suites: ['day-one', 'configuration'],
  folder: work.folder,
  env: work.env,
  settings: { ...work.settings, ...AUTOMATIC },
});

reportSuite('the extension from its first day on', outcome);
