import { join } from 'node:path';
import { expect, it } from 'vitest';
import { serverDriver } from './driver/server-driver.ts';
import { runCommand } from './driver/workbench.ts';
import { editorScenario } from './suite/extension-scenario.ts';
import { openWorkplace } from './suite/extension-workplace.ts';

it('without a folder says what to do, and starts nothing', async () => {
  const work = await openWorkplace(editorScenario());
  const session = await serverDriver.open({
    folder: undefined,
    extensionPath: join(import.meta.dirname, '..', '..'),
    env: work.env,
    settings: work.settings,
    dataDir: work.dataDir,
    onLog: () => undefined,
  });
  try {
    if (!session.server) throw new Error('The server driver has no control.');
    const page = session.server.page();
    await runCommand(page, 'Claude Orchestrator: Show Runs');
    await page.getByText('Open a folder of a git repository to start.').first().waitFor();
    for (const command of ['Orchestrate Task', 'Doctor', 'Open Configuration', 'Clean Up Everything']) {
      await runCommand(page, `Claude Orchestrator: ${command}`);
      await runCommand(page, 'Notifications: Show Notifications');
      const said = page
        .locator('.notifications-center')
        .getByText('No folder is open. Open a folder of a git repository.');
      await said.first().waitFor();
      await runCommand(page, 'Notifications: Clear All Notifications');
    }
    expect(await work.workers()).toEqual([]);
  } finally {
    await session.close();
    await work.close();
  }
});
