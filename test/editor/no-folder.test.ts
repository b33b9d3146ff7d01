import { expect, it } from 'vitest';
import { runCommand } from './driver/workbench.ts';
import { openWindow, pageOf } from './person.ts';
import { editorScenario } from './suite/extension-scenario.ts';
import { openWorkplace } from './suite/extension-workplace.ts';

it('without a folder says what to do, and starts nothing', async () => {
  const work = await openWorkplace(editorScenario());
  const session = await openWindow(work, { folder: undefined });
  try {
    const page = pageOf(session);
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
