import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Locator, Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import type { RunState } from '../../src/core/model/run.ts';
import { stateHome, statePaths } from '../../src/node/state/paths.ts';
import { readRuns } from '../../src/node/state/runs.ts';
import type { EditorSession, OpenOptions, ServerControl } from './driver/driver.ts';
import { serverDriver } from './driver/server-driver.ts';
import { runCommand } from './driver/workbench.ts';
import { watch } from './show-failure.ts';
import type { Workplace } from './suite/extension-workplace.ts';

export const root = join(import.meta.dirname, '..', '..');

/** Nobody is asked: plans are started, results applied. */
export const AUTOMATIC = {
  'claudeOrchestrator.approvePlan': 'never',
  'claudeOrchestrator.applyResult': 'whenValidated',
};

/** Opens a workplace's folder in a window with the extension; `settings` come on top of the workplace's. */
export async function openWindow(work: Workplace, options: Partial<OpenOptions> = {}): Promise<EditorSession> {
  const session = await serverDriver.open({
    folder: work.folder,
    extensionPath: root,
    env: work.env,
    dataDir: work.dataDir,
    onLog: () => undefined,
    ...options,
    settings: { ...work.settings, ...options.settings },
  });
  return watch(session);
}

export function controlOf(session: EditorSession | undefined): ServerControl {
  if (!session?.server) throw new Error('The server driver has no control.');
  return session.server;
}

export const pageOf = (session: EditorSession | undefined): Page => controlOf(session).page();

/** The line of the Runs view with this text. */
export const line = (page: Page, text: string | RegExp): Locator =>
  page.getByRole('treeitem').filter({ hasText: text }).first();

/** Chooses `item` in the context menu of the line of the Runs view with this text. */
export async function chooseOn(page: Page, text: string | RegExp, item: string): Promise<void> {
  const chosen = page.locator('.monaco-menu .action-label').getByText(item, { exact: true });
  await vi.waitFor(
    async () => {
      // The view is drawn again while a run goes on, which may close the menu.
      if (!(await chosen.isVisible())) await line(page, text).click({ button: 'right', timeout: 5_000 });
      // By the keyboard: a menu does not take a click that comes right after it was opened.
      await chosen.hover({ timeout: 2_000 });
      await page.keyboard.press('Enter');
      await chosen.waitFor({ state: 'hidden', timeout: 1_000 });
    },
    { timeout: 60_000 },
  );
}

/** The modal dialog that says `text`. */
export const dialogSaying = (page: Page, text: string): Locator =>
  page.locator('.monaco-dialog-box').filter({ hasText: text });

/** Answers the modal dialog that says `text`. */
export async function decide(page: Page, text: string, button: string): Promise<void> {
  const dialog = dialogSaying(page, text);
  await dialog.getByRole('button', { name: button, exact: true }).click();
  // Where the keyboard was before gets it back, which closes what is opened meanwhile.
  await dialog.waitFor({ state: 'hidden' });
}

export const taskBox = (page: Page): Locator => page.getByPlaceholder('What is to be done?');

/** Gives a task by the command palette. */
export async function orchestrate(page: Page, task: string): Promise<void> {
  await runCommand(page, 'Claude Orchestrator: Orchestrate Task');
  await sayTask(page, task);
}

export async function sayTask(page: Page, task: string): Promise<void> {
  await taskBox(page).fill(task);
  await taskBox(page).press('Enter');
  // Another command that came before it is taken would close it.
  await taskBox(page).waitFor({ state: 'hidden' });
}

/** What stands in the notification center, which is where the editor under test keeps all of them. */
export async function notification(page: Page, text: string | RegExp): Promise<Locator> {
  await runCommand(page, 'Notifications: Show Notifications');
  return page.locator('.notifications-center .notification-list-item').filter({ hasText: text }).first();
}

/** Presses a button of a notification. `look` sees it before. */
export async function press(
  page: Page,
  text: string | RegExp,
  button: string,
  look: (page: Page) => Promise<void> = async () => undefined,
): Promise<void> {
  await vi.waitFor(
    async () => {
      const found = await notification(page, text);
      await look(page);
      const wanted = found.getByRole('button', { name: button, exact: true });
      // Where there are many, the center's own header lies above the one in question.
      await wanted.click({ timeout: 2_000 }).catch(() => wanted.press('Enter', { timeout: 2_000 }));
    },
    { timeout: 60_000 },
  );
}

/** State folder's places of a repository, the workplace's own unless another is named. */
export const placesOf = (work: Workplace, repository = work.folder) =>
  statePaths(stateHome(work.env), join(repository, '.git'));

/** The run of a task, from its journal. */
export function runOf(work: Workplace, task: string, repository?: string): RunState | undefined {
  return readRuns(placesOf(work, repository)).runs.find((run) => run.task === task);
}

export async function untilApplied(work: Workplace, task: string, repository?: string): Promise<RunState | undefined> {
  const applied = () => expect(runOf(work, task, repository)?.applied).toBeDefined();
  await vi.waitFor(applied, { timeout: 120_000, interval: 200 });
  return runOf(work, task, repository);
}

export async function gitIn(folder: string, work: Workplace, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('git', args, { cwd: folder, env: { ...work.env } });
  return stdout.trim();
}
