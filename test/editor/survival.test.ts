import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { EditorSession, ServerControl } from './driver/driver.ts';
import { runCommand } from './driver/workbench.ts';
import { AUTOMATIC, controlOf, openWindow, orchestrate, runOf, untilApplied } from './person.ts';
import { openWorkplace, type Workplace } from './suite/extension-workplace.ts';
import { DISASTERS, type Disaster, survivalScenario, WORKERS } from './suite/survival-scenario.ts';

/** How long a window stays closed; the figure, and the whole point of that test. */
const CLOSED_MS = 60_000;

let work: Workplace;
let session: EditorSession;
let control: ServerControl;

beforeAll(async () => {
  work = await openWorkplace(survivalScenario());
  session = await openWindow(work, { settings: AUTOMATIC });
  control = controlOf(session);
});
afterAll(async () => {
  await session?.close();
  await work?.close();
});

const taskOf = (disaster: Disaster): string => `Survive ${disaster}`;

/** Starts a run whose first subtask is merged and whose three workers have said a lot and wait for the model. */
async function intoTheMiddle(disaster: Disaster): Promise<void> {
  await orchestrate(control.page(), taskOf(disaster));
  for (const worker of WORKERS) await work.server.waitForRequest({ subtask: `${disaster}-${worker}`, turn: 2 }, 90_000);
  expect(runOf(work, taskOf(disaster))?.subtasks.get(`${disaster}-first`)?.status).toBe('completed');
}

/** Lets the model answer, waits for the run's end and looks at what must hold. */
async function expectSurvived(disaster: Disaster): Promise<void> {
  work.server.open(disaster);
  const run = await untilApplied(work, taskOf(disaster));
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
