import { afterAll, it } from 'vitest';
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
  name: 'main-job',
  suites: ['main-job'],
  folder: work.folder,
  env: work.env,
  settings: { ...work.settings, ...AUTOMATIC },
});

reportSuite('the extension in a real VS Code, with the real Claude CLI', outcome, () =>
  it('asked the model nothing that the scenario does not know', () => {
    work.server.assertNoUnmatched();
  }),
);
