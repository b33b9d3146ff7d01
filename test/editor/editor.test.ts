import { join } from 'node:path';
import { runSuite } from './driver/run-suite.ts';
import { selectDriver } from './driver/select.ts';
import { reportSuite } from './report-suite.ts';

process.env['EDITOR_TEST_OUTER'] = 'must not reach the editor';

const outcome = await runSuite({
  driver: await selectDriver(),
  extensionPath: join(import.meta.dirname, '..', 'fixtures', 'probe-extension'),
  name: 'smoke',
  suites: ['smoke'],
  settings: { 'editor.fontSize': 15 },
});

reportSuite('inside the extension host', outcome);
