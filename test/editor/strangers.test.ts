import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { EditorSession, OpenOptions } from './driver/driver.ts';
import { runCommand, trustFolder } from './driver/workbench.ts';
import { line, openWindow, pageOf, press as pressButton } from './person.ts';
import { openWorkplace, type Workplace } from './suite/extension-workplace.ts';
import { evil, MARK, printable, strangersScenario } from './suite/strangers-scenario.ts';

let work: Workplace;
let session: EditorSession | undefined;
const requests: string[] = [];

async function open(options: Partial<OpenOptions> = {}): Promise<Page> {
  session = await openWindow(work, { settings: { 'claudeOrchestrator.qualityIterations': 0 }, ...options });
  const page = pageOf(session);
  page.context().on('request', (request) => requests.push(request.url()));
  return page;
}

/** Nothing of what strangers wrote is an image, a link, a request or a script that ran, in any frame of the window. */
async function expectHarmless(page: Page): Promise<void> {
  const dangerous = ['src', 'href', 'data-href', 'data-src'].map((name) => `[${name}*="${MARK}"]`).join(', ');
  for (const frame of page.frames()) {
    const found = await frame.locator(dangerous).evaluateAll((all) => all.map((element) => element.outerHTML));
    expect(found).toEqual([]);
    expect(await frame.evaluate((mark) => Reflect.get(globalThis, mark), MARK)).toBeUndefined();
  }
  expect(requests.filter((url) => url.includes(MARK))).toEqual([]);
  expect(await page.title()).not.toContain(MARK);
}

const notifications = (page: Page) => page.locator('.notifications-center .notification-list-item');

const press = (page: Page, text: string, button: string): Promise<void> =>
  pressButton(page, text, button, expectHarmless);

async function expectHarmlessHover(page: Page, text: string | RegExp): Promise<void> {
  await vi.waitFor(
    async () => {
      await page.mouse.move(0, 0);
      await line(page, text).locator('.label-name').first().hover({ timeout: 2_000 });
      await page.locator('.workbench-hover:visible').first().waitFor({ timeout: 2_000 });
    },
    { timeout: 30_000 },
  );
  await expectHarmless(page);
}

describe('Restricted Mode', () => {
  const spawned = (): Promise<string> => readFile(join(work.place, 'spawned'), 'utf8').catch(() => '');

  beforeAll(async () => {
    work = await openWorkplace(strangersScenario());
  });
  afterAll(async () => {
    await session?.close();
    await work?.close();
  });

  it('starts nothing at all, whatever is asked of it, until the folder is trusted', async () => {
    const canaries = join(work.place, 'canaries');
    await mkdir(canaries);
    for (const name of ['git', 'claude', 'npm', 'node', 'sh', 'notify-send']) {
      const canary = join(canaries, name);
      await writeFile(canary, `#!/bin/sh\necho "${name} $*" >> '${join(work.place, 'spawned')}'\nexit 1\n`);
      await chmod(canary, 0o755);
    }
    // The server itself lists processes with `ps`; this product reads /proc, or /bin/ps by its path.
    // The repository itself would like to say what is run, and how.
    await mkdir(join(work.folder, '.vscode'));
    await writeFile(
      join(work.folder, '.vscode', 'settings.json'),
      JSON.stringify({
        'claudeOrchestrator.claudePath': join(canaries, 'claude'),
        'claudeOrchestrator.approvePlan': 'never',
      }),
    );
    await mkdir(join(work.folder, '.claude-orchestrator'));
    await writeFile(join(work.folder, '.claude-orchestrator', 'config.jsonc'), '{ "concurrency": 900 }\n');
    const page = await open({
      trust: 'ask',
      env: { ...work.env, PATH: [canaries, dirname(process.execPath)].join(delimiter) },
    });
    await page.getByText('Restricted Mode', { exact: true }).waitFor();
    await runCommand(page, 'Claude Orchestrator: Show Runs');
    await page.getByText('nothing is started in Restricted Mode').waitFor();
    for (const command of [
      'Orchestrate Task',
      'Doctor',
      'Clean Up Everything',
      'Open Configuration',
      'Apply to Branch',
    ]) {
      await runCommand(page, `Claude Orchestrator: ${command}`);
      await runCommand(page, 'Notifications: Show Notifications');
      await notifications(page).filter({ hasText: 'Nothing is started in Restricted Mode.' }).first().waitFor();
      await runCommand(page, 'Notifications: Clear All Notifications');
    }
    expect(await spawned()).toBe('');
    // The canaries do sing: after that the first thing is git.
    await trustFolder(page);
    await vi.waitFor(async () => expect(await spawned()).toMatch(/^git /m), { timeout: 60_000 });
    expect(await spawned()).not.toMatch(/^claude /m);
  });
});

describe('what strangers write', () => {
  beforeAll(async () => {
    work = await openWorkplace(strangersScenario());
  });
  afterAll(async () => {
    await session?.close();
    await work?.close();
  });

  it('is text wherever it is shown: task, plan, question, speech, file names, findings, summary', async () => {
    const page = await open();
    requests.length = 0;
    await runCommand(page, 'Claude Orchestrator: Orchestrate Task');
    const box = page.getByPlaceholder('What is to be done?');
    await box.fill(printable(evil('task')));
    await box.press('Enter');
    await page.getByText('Preview plan.md').first().waitFor();
    await line(page, 'Start 1 subtask?').waitFor();
    await vi.waitFor(() => expect(page.frames().length).toBeGreaterThan(2), { timeout: 30_000 });
    await expectHarmlessHover(page, 'Start 1 subtask?');
    await expectHarmlessHover(page, /^plan/);
    await press(page, 'Start 1 subtask', 'Start');

    await line(page, /Allow Bash: sh/).waitFor();
    await expectHarmlessHover(page, /Allow Bash: sh/);
    await press(page, '"evil" asks', 'Deny');

    await runCommand(page, 'Problems: Focus on Problems View');
    await page.locator('.markers-panel').getByText(`${MARK}>.js`).first().waitFor({ timeout: 60_000 });
    await expectHarmless(page);
    await line(page, /^plan.*failed/).waitFor({ timeout: 60_000 });
    await expectHarmlessHover(page, /^plan.*failed/);
    await runCommand(page, 'Notifications: Show Notifications');
    await notifications(page).filter({ hasText: 'The run failed' }).first().waitFor();
    await expectHarmless(page);

    await runCommand(page, 'Claude Orchestrator: Open Terminal');
    await page.locator('.quick-input-list .monaco-list-row').filter({ hasText: 'evil' }).first().click();
    const rows = page.locator('.terminal-wrapper.active .xterm-rows').first();
    await rows.getByText('onerror').first().waitFor();
    // Nothing renamed the terminal.
    expect(await page.locator('.terminal-tabs-entry, .single-terminal-tab').allTextContents()).not.toContain(
      `${MARK}-title`,
    );
    await expectHarmless(page);
  });
});
