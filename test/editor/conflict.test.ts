import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { EditorSession } from './driver/driver.ts';
import { runCommand } from './driver/workbench.ts';
import {
  AUTOMATIC,
  chooseOn,
  decide,
  dialogSaying,
  gitIn,
  line,
  openWindow,
  orchestrate,
  pageOf,
  press,
  runOf,
} from './person.ts';
import { CONFLICTS, conflictScenario, FILE } from './suite/conflict-scenario.ts';
import { openWorkplace, type Workplace } from './suite/extension-workplace.ts';

let work: Workplace;
let session: EditorSession;

beforeAll(async () => {
  work = await openWorkplace(conflictScenario());
  session = await openWindow(work, {
    settings: { ...AUTOMATIC, 'claudeOrchestrator.applyResult': 'ask', 'claudeOrchestrator.qualityIterations': 1 },
  });
});
afterAll(async () => {
  await session?.close();
  await work?.close();
});

const mergeEditor = (page: Page) => page.locator('.merge-editor');
const tab = (page: Page) => page.getByRole('tab', { name: 'greet.js' });
/** Answers with what is in the merge editor until that comes to `effect`. */
async function useIt(page: Page, effect: () => Promise<void>): Promise<void> {
  const button = page.locator('.editor-actions').getByRole('button', { name: 'Use My Resolution' }).first();
  await vi.waitFor(
    async () => {
      // The editor draws its buttons anew as the file's state changes, which swallows a click in between.
      if (await button.isVisible()) await button.click({ timeout: 2_000 });
      await effect();
    },
    { timeout: 60_000 },
  );
}

/** Orchestrates a task whose results conflict, until the person is asked. */
async function untilAsked(page: Page, task: string, question: RegExp): Promise<void> {
  await runCommand(page, 'Claude Orchestrator: Show Runs');
  await orchestrate(page, task);
  await line(page, question).waitFor({ timeout: 60_000 });
}

/** What the file of a run's result holds. */
async function merged(task: string): Promise<string> {
  return gitIn(work.folder, work, 'show', `${runOf(work, task)?.integrated}:${FILE}`);
}

describe('a conflict that no worker could resolve', () => {
  it('is resolved in the merge editor, and the run goes on to its end with what the person made of it', async () => {
    const page = pageOf(session);
    const question = /^Resolve the conflict of merge-/;
    await untilAsked(page, CONFLICTS.merge, question);
    await line(
      page,
      /Sign as merge-(one|two).*needs you.*conflicts with what was merged before in src.greet\.js/,
    ).waitFor();

    // As it is, with its markers, it is not accepted; the question says why and is asked again.
    await press(page, 'Its result conflicts', 'Use My Resolution');
    await press(page, /What you left there is not accepted yet: .*conflict markers/, 'Open Merge Editor');
    await mergeEditor(page).getByText('1 Conflict Remaining').waitFor();
    const [one, two, result] = ['Merged before', /^merge-(one|two)/, /^Result/].map((header) =>
      mergeEditor(page).locator('.code-view').filter({ hasText: header }).locator('.view-lines'),
    );
    await one?.getByText(/\/\/.merge-(one|two)/).waitFor();
    await two?.getByText(/\/\/.merge-(one|two)/).waitFor();
    await result?.getByText('`;').waitFor();

    // Nothing is taken that is not decided yet, and the question outlives the closed editor.
    await useIt(page, () => dialogSaying(page, 'unhandled conflicts').waitFor({ timeout: 5_000 }));
    await decide(page, 'unhandled conflicts', 'Cancel');
    await runCommand(page, 'View: Close Editor');
    await decide(page, 'unhandled conflicts', 'Close with Conflicts');
    await tab(page).waitFor({ state: 'detached' });
    await chooseOn(page, question, 'Open Merge Editor');
    await mergeEditor(page).getByText('1 Conflict Remaining').waitFor();

    await mergeEditor(page).getByText('Accept Combination (Merged before First)').first().click();
    await mergeEditor(page).getByText('0 Conflicts Remaining').waitFor();
    await useIt(page, () => tab(page).waitFor({ state: 'detached', timeout: 5_000 }));
    await line(page, /^Resolve it by hand.*completed/).waitFor({ timeout: 60_000 });
    expect(await merged(CONFLICTS.merge)).toMatch(/\/\/ merge-(one|two) \/\/ merge-(one|two)$/m);
    expect(await line(page, question).count()).toBe(0);
  });

  it('is given up on the line of the question, and what was merged before stays', async () => {
    const page = pageOf(session);
    const question = /^Resolve the conflict of give-up-/;
    await untilAsked(page, CONFLICTS['give-up'], question);
    await chooseOn(page, question, 'Give the Subtask Up');
    await line(page, /^Give it up by hand.*failed/).waitFor({ timeout: 60_000 });
    expect(await merged(CONFLICTS['give-up'])).toMatch(/\/\/ give-up-(one|two)$/m);
    await vi.waitFor(async () => expect(await work.workers()).toEqual([]), { timeout: 30_000 });
    work.server.assertNoUnmatched();
  });
});
