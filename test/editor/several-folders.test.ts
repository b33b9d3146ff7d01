import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSampleRepository } from '../../scripts/start/sample.ts';
import type { EditorSession } from './driver/driver.ts';
import { runCommand } from './driver/workbench.ts';
import {
  AUTOMATIC,
  gitIn,
  line,
  notification,
  openWindow,
  pageOf,
  press,
  runOf,
  sayTask,
  taskBox,
  untilApplied,
} from './person.ts';
import { editorScenario } from './suite/extension-scenario.ts';
import { openWorkplace, type Workplace } from './suite/extension-workplace.ts';

const TASK = 'One small thing';

let work: Workplace;
let session: EditorSession;
let other: string;
let plain: string;

/** A workspace of two repositories and a folder that is none. */
beforeAll(async () => {
  work = await openWorkplace(editorScenario());
  other = join(work.place, 'other');
  plain = join(work.place, 'plain');
  await makeSampleRepository(other, work.env);
  await mkdir(plain);
  await writeFile(join(plain, 'notes.txt'), 'notes\n');
  const workspace = join(work.place, 'three.code-workspace');
  const folders = [work.folder, other, plain].map((path) => ({ path }));
  await writeFile(workspace, JSON.stringify({ folders }));
  session = await openWindow(work, { folder: workspace, settings: AUTOMATIC });
});
afterAll(async () => {
  await session?.close();
  await work?.close();
});

async function choose(page: Page, folder: string): Promise<void> {
  const row = page.locator('.quick-input-list .monaco-list-row').filter({ hasText: folder });
  await page.getByPlaceholder('Repository to work in').waitFor();
  await row.first().click();
}

async function orchestrateIn(page: Page, folder: string): Promise<void> {
  await runCommand(page, 'Claude Orchestrator: Orchestrate Task');
  await choose(page, folder);
}

describe('a window with several folders', () => {
  it('says that a folder is no repository, and makes one with a first commit when the person agrees', async () => {
    const page = pageOf(session);
    await orchestrateIn(page, 'plain');
    await (await notification(page, 'is not in a git repository')).waitFor();
    expect(await taskBox(page).count()).toBe(0);
    await press(page, 'is not in a git repository', 'Make Repository');
    await choose(page, 'plain');
    const dialog = page.locator('.monaco-dialog-box');
    await dialog.getByText('Make a git repository of').waitFor();
    await expect(stat(join(plain, '.git'))).rejects.toThrow('ENOENT');
    await dialog.getByRole('button', { name: 'Make Repository' }).click();
    await dialog.getByText('Commit 1 file as the first commit?').waitFor();
    await dialog.getByText('notes.txt').waitFor();
    await dialog.getByRole('button', { name: 'Commit', exact: true }).click();
    await (await notification(page, 'The first commit is made')).waitFor();
    expect(await gitIn(plain, work, 'show', '--name-only', '--format=%s', 'HEAD')).toBe('First commit\n\nnotes.txt');
    await runCommand(page, 'Notifications: Clear All Notifications');
  });

  it('works in the repository that the person chose, and shows the runs of both', async () => {
    const page = pageOf(session);
    await orchestrateIn(page, 'other');
    await sayTask(page, TASK);
    await untilApplied(work, TASK, other);
    expect(await readFile(join(other, 'small.txt'), 'utf8')).toBe('small\n');
    expect(runOf(work, TASK)).toBeUndefined();
    await orchestrateIn(page, 'sample');
    await sayTask(page, TASK);
    await untilApplied(work, TASK);
    expect(await readFile(join(work.folder, 'small.txt'), 'utf8')).toBe('small\n');
    await line(page, TASK).waitFor();
    await expect
      .poll(() =>
        page
          .getByRole('treeitem')
          .filter({ hasText: /^One small thing.*applied to main/ })
          .count(),
      )
      .toBe(2);
  });
});
