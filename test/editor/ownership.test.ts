import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claudeExecutable } from '../model-server/environment.ts';
import { defineScenario } from '../model-server/scenario.ts';
import type { EditorSession } from './driver/driver.ts';
import { runCommand } from './driver/workbench.ts';
import { AUTOMATIC, line, openWindow, orchestrate, pageOf, root, runOf, untilApplied } from './person.ts';
import { openWorkplace, type Workplace } from './suite/extension-workplace.ts';

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
  work = await openWorkplace(defineScenario({ rules: [...rules('window'), ...rules('terminal'), ...rules('handed')] }));
  first = await open('first');
});
afterAll(async () => {
  await second?.close();
  await first?.close();
  await work?.close();
});

/** Another VS Code on the same repository, with the same person's state folder. */
const open = (name: string): Promise<EditorSession> =>
  openWindow(work, { settings: AUTOMATIC, dataDir: join(work.dataDir, name) });

const taskOf = (id: string): string => `Work on ${id}`;

/** The run came to its end with one attempt and one process, whoever drove it. */
async function expectFinished(id: string): Promise<void> {
  work.server.open(id);
  const run = await untilApplied(work, taskOf(id));
  expect(run?.subtasks.get(id)?.attempts).toHaveLength(1);
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
    expect(runOf(work, taskOf('terminal'))).toBeUndefined();
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

  it('the command line goes on with a run that a window started, once that window is dead', async () => {
    await orchestrate(pageOf(second), taskOf('handed'));
    await work.server.waitForRequest({ subtask: 'handed' }, 90_000);
    await second?.server?.killServer();
    const args = ['resume', '--yes', '--claude', claudeExecutable];
    const cli = spawn(process.execPath, [join(root, 'dist', 'cli.js'), ...args], {
      cwd: work.folder,
      env: { ...work.env },
      stdio: 'ignore',
    });
    const ended = once(cli, 'exit');
    await expectFinished('handed');
    expect(await ended).toEqual([0, null]);
  });
});
