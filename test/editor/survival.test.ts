import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RunState } from '../../src/core/model/run.ts';
import { stateHome, statePaths } from '../../src/node/state/paths.ts';
import { readRuns } from '../../src/node/state/runs.ts';
import type { EditorSession, ServerControl } from './driver/driver.ts';
import { serverDriver } from './driver/server-driver.ts';
import { runCommand } from './driver/workbench.ts';
import { openWorkplace, type Workplace } from './suite/extension-workplace.ts';
import { DISASTERS, type Disaster, survivalScenario, WORKERS } from './suite/survival-scenario.ts';

/** How long a window stays closed; the figure, and the whole point of that test. */
const CLOSED_MS = 60_000;

let work: Workplace;
let session: EditorSession;
let control: ServerControl;

beforeAll(async () => {
  work = await openWorkplace(survivalScenario());
  session = await serverDriver.open({
    folder: work.folder,
    extensionPath: join(import.meta.dirname, '..', '..'),
    env: work.env,
    settings: {
      ...work.settings,
      'claudeOrchestrator.approvePlan': 'never',
      'claudeOrchestrator.applyResult': 'whenValidated',
    },
    dataDir: work.dataDir,
    onLog: () => undefined,
  });
  if (!session.server) throw new Error('The server driver has no control.');
  control = session.server;
});
afterAll(async () => {
  await session?.close();
  await work?.close();
});

function runOf(disaster: Disaster): RunState | undefined {
  const paths = statePaths(stateHome(work.env), join(work.folder, '.git'));
  return readRuns(paths).runs.find(({ task }) => task === `Survive ${disaster}`);
}

/** Starts a run whose first subtask is merged and whose three workers have said a lot and wait for the model. */
async function intoTheMiddle(disaster: Disaster): Promise<void> {
  const page = control.page();
  await runCommand(page, 'Claude Orchestrator: Orchestrate Task');
  await page.getByPlaceholder('What is to be done?').fill(`Survive ${disaster}`);
  await page.getByPlaceholder('What is to be done?').press('Enter');
  for (const worker of WORKERS) await work.server.waitForRequest({ subtask: `${disaster}-${worker}`, turn: 2 }, 90_000);
  expect(runOf(disaster)?.subtasks.get(`${disaster}-first`)?.status).toBe('completed');
}

/** Lets the model answer, waits for the run's end and looks at what must hold. */
async function expectSurvived(disaster: Disaster): Promise<void> {
  work.server.open(disaster);
  await vi.waitFor(() => expect(runOf(disaster)?.applied).toBeDefined(), { timeout: 120_000, interval: 200 });
  const run = runOf(disaster);
  expect(run?.status).toBe('completed');
  for (const subtask of ['first', ...WORKERS].map((name) => `${disaster}-${name}`)) {
    expect(run?.subtasks.get(subtask)?.attempts, subtask).toHaveLength(1);
    expect(work.server.sessions({ subtask }), `claude processes of ${subtask}`).toHaveLength(1);
  }
  await vi.waitFor(async () => expect(await supervisors()).toEqual([]), { timeout: 30_000 });
  work.server.assertNoUnmatched();
}

async function supervisors(): Promise<number[]> {
  return (await work.workers()).filter(({ command }) => command.includes(' supervise ')).map(({ pid }) => pid);
}

/** What was started by hand goes on, with the very same processes. */
async function unharmed(disaster: () => Promise<unknown>): Promise<void> {
  const before = await supervisors();
  expect(before).toHaveLength(WORKERS.length);
  await disaster();
  expect(await supervisors()).toEqual(before);
}

describe('a run with three talkative workers survives', () => {
  it(DISASTERS.reload, async () => {
    await intoTheMiddle('reload');
    await unharmed(() => control.reload());
    await expectSurvived('reload');
  });

  it(DISASTERS.terminals, async () => {
    await intoTheMiddle('terminals');
    await unharmed(() => runCommand(control.page(), 'Terminal: Kill All Terminals'));
    // And one can be looked at again.
    await runCommand(control.page(), 'Claude Orchestrator: Open Terminal');
    await expectSurvived('terminals');
  });

  it(DISASTERS.host, async () => {
    await intoTheMiddle('host');
    await unharmed(async () => {
      expect(await control.killExtensionHosts()).toBeGreaterThan(0);
      await control.reload();
    });
    await expectSurvived('host');
  });

  it(DISASTERS.closed, async () => {
    await intoTheMiddle('closed');
    await unharmed(async () => {
      await control.closeWindow();
      await sleep(CLOSED_MS);
      await control.openWindow();
    });
    await expectSurvived('closed');
  });

  it(DISASTERS.server, async () => {
    await intoTheMiddle('server');
    await unharmed(async () => {
      await control.killServer();
      await control.restartServer();
      await control.openWindow();
    });
    await expectSurvived('server');
  });
});
