import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readRuns } from '../../src/node/state/runs.ts';
import type { EditorSession } from './driver/driver.ts';
import { answer, quickInput, runCommand } from './driver/workbench.ts';
import {
  AUTOMATIC,
  chooseOn,
  decide,
  dialogSaying,
  line,
  notification,
  openWindow,
  orchestrate,
  pageOf,
  placesOf,
  runOf,
  untilApplied,
} from './person.ts';
import { openWorkplace, type Workplace } from './suite/extension-workplace.ts';
import { GATE, LIVE_TASK, liveScenario } from './suite/live-scenario.ts';

let work: Workplace;
let session: EditorSession;
let page: Page;

beforeAll(async () => {
  work = await openWorkplace(liveScenario());
  session = await openWindow(work, { settings: { ...AUTOMATIC, 'claudeOrchestrator.concurrency': 1 } });
  page = pageOf(session);
});
afterAll(async () => {
  await session?.close();
  await work?.close();
});

const tab = (name: string) => page.getByRole('tab', { name });

/** Puts `text` in the place of what the open editor holds. */
async function rewrite(text: string): Promise<void> {
  await page.locator('.editor-instance .monaco-editor .view-lines').click();
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(text);
}

/** Saves by hand until that comes to `effect`: while the editor saves by itself it takes both for one. */
async function save(effect: () => Promise<void>): Promise<void> {
  await vi.waitFor(
    async () => {
      await page.keyboard.press('Control+S');
      await effect();
    },
    { timeout: 60_000 },
  );
}

const titleOf = (id: string): string | undefined => runOf(work, LIVE_TASK)?.subtasks.get(id)?.subtask.title;

describe('a run that goes on', () => {
  it('shows what is paused, pinned and skipped, and why the others wait', async () => {
    await runCommand(page, 'Claude Orchestrator: Show Runs');
    await orchestrate(page, LIVE_TASK);
    await line(page, /^Write alpha.*running/).waitFor({ timeout: 60_000 });
    await line(page, /^Write gamma.*waits for "alpha"/).waitFor();
    await chooseOn(page, /^Write beta/, 'Pause');
    await line(page, /^Write betapaused$/).waitFor();
    await chooseOn(page, /^Write epsilon/, 'Start Before All Others');
    await line(page, /^Write epsilonpinned · the only worker is busy/).waitFor();
    await chooseOn(page, /^Write gamma/, 'Skip');
    await line(page, /^Write gamma.*skipped/).waitFor();
    await line(page, /^Change it while it runs.*running · 0\/4/).waitFor();
  });

  it('is asked before the worker of a subtask is ended', async () => {
    await chooseOn(page, /^Write alpha/, 'Skip');
    await decide(page, 'A worker is busy with "Write alpha".', 'Cancel');
    await chooseOn(page, /^Write alpha/, 'Pause');
    await decide(page, 'there is no other attempt', 'Pause');
    await line(page, /^Write alpha.*running.*no other attempt: paused/).waitFor();
    await chooseOn(page, /^Write alpha/, 'Resume');
    await line(page, /^Write alpha.*paused/).waitFor({ state: 'detached' });
  });

  it('takes an edited subtask only when it is saved by hand, and says what is wrong in it', async () => {
    await chooseOn(page, /^Write delta/, 'Edit Subtask');
    await tab('delta.json').waitFor();
    // The editor under test saves by itself after a second.
    await rewrite('{ "title": "Half"');
    const saved = await notification(page, 'Saving changes the run, so do it yourself');
    await saved.waitFor();
    expect(titleOf('delta')).toBe('Write delta');
    await rewrite('{ "dependsOn": ["nobody"]');
    await save(async () => (await notification(page, '"nobody"')).waitFor({ timeout: 3_000 }));
    await rewrite('{ "title": "Write delta anew"');
    await save(() => line(page, /^Write delta anew.*waits for "alpha"/).waitFor({ timeout: 3_000 }));
    const hint = page.locator('.statusbar-item').getByText('Saving this changes the run.');
    await hint.waitFor();
    await runCommand(page, 'View: Close All Editors');
    await hint.waitFor({ state: 'detached' });
  });

  it('gets a subtask, which is split, and loses one of the parts', async () => {
    await chooseOn(page, /^Change it while it runs/, 'Add Subtask');
    await quickInput(page).fill('not/a name');
    await page.getByText('use 1 to 64 letters').waitFor();
    await answer(page, 'zeta');
    await tab('zeta.json').waitFor();
    await rewrite('{ "title": "Write zeta", "instructions": "Write zeta.txt.", "scope": ["zeta-1.txt"]');
    await save(() => line(page, /^Write zeta/).waitFor({ timeout: 3_000 }));
    await chooseOn(page, /^Write zeta/, 'Split Subtask');
    await tab('zeta.parts.json').waitFor();
    await save(() => tab('zeta.parts.json').waitFor({ state: 'detached', timeout: 3_000 }));
    await line(page, /^Write zeta \(part 2\).*waits for "zeta-1"/).waitFor();
    await tab('zeta.json').waitFor({ state: 'detached' });
    await chooseOn(page, /^Write zeta \(part 2\)/, 'Remove Subtask');
    await decide(page, 'It will not be done.', 'Remove');
    await line(page, /^Write zeta \(part 2\)/).waitFor({ state: 'detached' });
  });

  it('launches nothing while it is paused, then what is pinned first, and ends with what was taken up again', async () => {
    await chooseOn(page, /^Change it while it runs/, 'Pause');
    await line(page, /^Change it while it runspaused/).waitFor();
    work.server.open(GATE);
    await line(page, /^Write alpha.*merged/).waitFor({ timeout: 60_000 });
    await line(page, /^Write epsilonpinned · the run is paused/).waitFor();
    await chooseOn(page, /^Write gamma/, 'Try Again');
    await chooseOn(page, /^Write beta/, 'Resume');
    await chooseOn(page, /^Change it while it runs/, 'Resume');
    const run = await untilApplied(work, LIVE_TASK);
    expect(run?.status).toBe('completed');
    expect(run?.integrationOrder.slice(0, 2)).toEqual(['alpha', 'epsilon']);
    expect([...(run?.integrationOrder ?? [])].sort()).toEqual(['alpha', 'beta', 'delta', 'epsilon', 'gamma', 'zeta-1']);
    work.server.assertNoUnmatched();
  });
});

describe('a checkpoint', () => {
  it('is restored on its line: a new run goes on from it, and the first stays as it is', async () => {
    const first = runOf(work, LIVE_TASK);
    await line(page, /^Checkpoints/)
      .locator('.monaco-tl-twistie')
      .click();
    const checkpoint = line(page, /Write alpha.*completed · 17 % merged/);
    await vi.waitFor(
      async () => {
        // The editor forgets which line it was where that is just drawn again: a person is asked for a checkpoint then.
        await page.keyboard.press('Escape');
        await checkpoint.hover({ timeout: 10_000 });
        await checkpoint.getByRole('button', { name: 'Restore Checkpoint' }).click({ timeout: 10_000 });
        await dialogSaying(page, 'This run stays as it is.').waitFor({ timeout: 10_000 });
      },
      { timeout: 120_000 },
    );
    await decide(page, 'This run stays as it is.', 'Restore');
    const restored = () => readRuns(placesOf(work)).runs.find(({ origin }) => origin?.run === first?.id);
    // It was paused at that moment, and so was one of its subtasks.
    await vi.waitFor(() => expect(restored()?.paused).toBe(true), { timeout: 60_000, interval: 200 });
    await chooseOn(page, /^Change it while it runs.*paused/, 'Resume');
    const epsilon = () => restored()?.subtasks.get('epsilon')?.status;
    await vi.waitFor(() => expect(epsilon()).toBe('completed'), { timeout: 120_000, interval: 200 });
    await vi.waitFor(async () => expect(await page.getByRole('treeitem', { name: LIVE_TASK }).count()).toBe(2));
    expect(restored()?.integrationOrder[0]).toBe('alpha');
    expect(readRuns(placesOf(work)).runs.find(({ id }) => id === first?.id)?.lastSeq).toBe(first?.lastSeq);
    expect(work.server.sessions({ subtask: 'alpha' })).toHaveLength(1);
    expect(work.server.sessions({ subtask: 'epsilon' })).toHaveLength(2);
  });
});
