import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RunState } from '../../src/core/model/run.ts';
import { stateHome, statePaths } from '../../src/node/state/paths.ts';
import { readRuns } from '../../src/node/state/runs.ts';
import { claudeExecutable } from '../model-server/environment.ts';
import { defineScenario } from '../model-server/scenario.ts';
import type { EditorSession } from './driver/driver.ts';
import { serverDriver } from './driver/server-driver.ts';
import { runCommand } from './driver/workbench.ts';
import { openWorkplace, type Workplace } from './suite/extension-workplace.ts';

const root = join(import.meta.dirname, '..', '..');
const settings = { 'claudeOrchestrator.approvePlan': 'never', 'claudeOrchestrator.applyResult': 'whenValidated' };

/** A plan with one subtask, whose worker waits at a gate of the same name. */
const rules = (id: string) => [
  {
    name: `plan ${id}`,
    when: { role: 'planner', prompt: `Work on ${id}` },
    answer: {
      structured: {
        version: 1,
        title: `Work on ${id}`,
        subtasks: [
          {
            id,
            title: `Write ${id}`,
            instructions: 'Write.',
            dependsOn: [],
            scope: [`${id}.txt`],
            produces: [`${id}.txt`],
          },
        ],
      },
    },
  },
  { name: id, when: { subtask: id }, answer: [{ gate: id, write: { [`${id}.txt`]: `${id}\n` } }, 'Done.'] },
];

let work: Workplace;
let first: EditorSession;
let second: EditorSession | undefined;

beforeAll(async () => {
  work = await openWorkplace(defineScenario({ rules: [...rules('window'), ...rules('terminal')] }));
  first = await open('first');
});
afterAll(async () => {
  await second?.close();
  await first?.close();
  await work?.close();
});

/** Another VS Code on the same repository, with the same person's state folder. */
function open(name: string): Promise<EditorSession> {
  return serverDriver.open({
    folder: work.folder,
    extensionPath: root,
    env: work.env,
    settings: { ...work.settings, ...settings },
    dataDir: join(work.dataDir, name),
    onLog: () => undefined,
  });
}

function pageOf(session: EditorSession | undefined): Page {
  if (!session?.server) throw new Error('The server driver has no control.');
  return session.server.page();
}

const line = (page: Page, text: string | RegExp) => page.getByRole('treeitem').filter({ hasText: text }).first();

async function orchestrate(page: Page, task: string): Promise<void> {
  await runCommand(page, 'Claude Orchestrator: Orchestrate Task');
  await page.getByPlaceholder('What is to be done?').fill(task);
  await page.getByPlaceholder('What is to be done?').press('Enter');
  // Another command that came before it is taken would close it.
  await page.getByPlaceholder('What is to be done?').waitFor({ state: 'hidden' });
}

function runOf(id: string): RunState | undefined {
  const paths = statePaths(stateHome(work.env), join(work.folder, '.git'));
  return readRuns(paths).runs.find(({ task }) => task === `Work on ${id}`);
}

/** The run came to its end with one attempt and one process, whoever drove it. */
async function expectFinished(id: string): Promise<void> {
  work.server.open(id);
  await vi.waitFor(() => expect(runOf(id)?.applied).toBeDefined(), { timeout: 120_000, interval: 200 });
  expect(runOf(id)?.subtasks.get(id)?.attempts).toHaveLength(1);
  expect(work.server.sessions({ subtask: id })).toHaveLength(1);
}

describe('one repository in two places', () => {
  it('another window watches, says who works on it, and takes over when that one is dead', async () => {
    await orchestrate(pageOf(first), 'Work on window');
    await work.server.waitForRequest({ subtask: 'window' }, 90_000);
    second = await open('second');
    const page = pageOf(second);
    await runCommand(page, 'Claude Orchestrator: Show Runs');
    await line(page, /Work on window.*running in another window/).waitFor({ timeout: 60_000 });
    await orchestrate(page, 'Work on terminal');
    await runCommand(page, 'Notifications: Show Notifications');
    const refused = page
      .locator('.notifications-center')
      .getByText(/A window of VS Code \(process \d+ on .*\) works on/);
    await refused.waitFor();
    expect(runOf('terminal')).toBeUndefined();
    await first.server?.killServer();
    await line(page, /^Work on window ?running(?! in another)/).waitFor({ timeout: 60_000 });
    await expectFinished('window');
  });

  it('a window watches a run of the command line, and takes over when that is killed', async () => {
    const page = pageOf(second);
    const args = ['run', 'Work on terminal', '--yes', '--claude', claudeExecutable];
    const cli = spawn(process.execPath, [join(root, 'dist', 'cli.js'), ...args], {
      cwd: work.folder,
      env: { ...work.env },
      stdio: 'ignore',
    });
    await work.server.waitForRequest({ subtask: 'terminal' }, 90_000);
    await line(page, /Work on terminal.*running in another window/).waitFor({ timeout: 60_000 });
    const gone = once(cli, 'exit');
    cli.kill('SIGKILL');
    await gone;
    await expectFinished('terminal');
    await line(page, /Work on terminal.*applied to main/).waitFor();
  });
});
