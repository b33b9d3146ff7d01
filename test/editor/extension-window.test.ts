import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { EditorSession, ServerControl } from './driver/driver.ts';
import { runCommand, trustFolder } from './driver/workbench.ts';
import {
  chooseOn,
  controlOf,
  gitIn,
  line,
  openWindow,
  orchestrate,
  placesOf,
  press,
  runOf,
  taskBox,
} from './person.ts';
import { editorScenario } from './suite/extension-scenario.ts';
import { openWorkplace, type Workplace } from './suite/extension-workplace.ts';

let work: Workplace;
let session: EditorSession;
let control: ServerControl;

beforeAll(async () => {
  work = await openWorkplace(editorScenario());
  session = await openWindow(work, { trust: 'ask' });
  control = controlOf(session);
});
afterAll(async () => {
  await session?.close();
  await work?.close();
});

describe('a person in the window', () => {
  it('can start nothing in Restricted Mode', async () => {
    const page = control.page();
    await runCommand(page, 'Claude Orchestrator: Show Runs');
    await page.getByText('nothing is started in Restricted Mode').waitFor();
    await runCommand(page, 'Claude Orchestrator: Orchestrate Task');
    await runCommand(page, 'Notifications: Show Notifications');
    await page.locator('.notifications-center').getByText('Nothing is started in Restricted Mode.').waitFor();
    expect(await taskBox(page).count()).toBe(0);
    await trustFolder(page);
  });

  it('gives a task, starts the plan, sees it come to its end and applies the result', async () => {
    const page = control.page();
    await orchestrate(page, 'Add farewells and formal greetings');
    await line(page, 'Start 4 subtasks?').waitFor();
    await page.getByText('Preview plan.md').first().waitFor();
    await press(page, 'Start 4 subtasks, spending at most $5.00, 2,000,000 tokens and 24 hours of work?', 'Start');
    await line(page, /Greet formally.*(running|checking)/).waitFor();
    await page.locator('.statusbar-item').filter({ hasText: 'Orchestrator 0/4' }).waitFor();
    await line(page, /^Farewells and formal greetings.*completed/).waitFor({ timeout: 120_000 });
    for (const title of ['Say goodbye', 'Greet formally', 'One entry point with tests', 'Describe the new functions'])
      await line(page, new RegExp(`${title}.*merged`)).waitFor();
    await expect(stat(join(work.folder, 'src', 'index.js'))).rejects.toThrow('ENOENT');
    await press(page, 'Apply to main?', 'Apply');
    await line(page, /applied to main/).waitFor();
    expect(await readFile(join(work.folder, 'src', 'index.js'), 'utf8')).toContain('formalGreet');
    await vi.waitFor(async () => expect(await work.workers()).toEqual([]), { timeout: 30_000 });
  });

  it('allows what a worker asks in its notification', async () => {
    const page = control.page();
    await orchestrate(page, 'Ask before the work');
    await press(page, 'Start 1 subtask', 'Start');
    await line(page, "Allow Bash: sh -c 'echo hi'?").waitFor();
    await press(page, '"asker" asks', 'Allow');
    await line(page, /^Ask before the work.*completed/).waitFor();
  });

  it('starts from uncommitted changes where the person says so, and leaves them uncommitted', async () => {
    const page = control.page();
    const task = 'One small thing';
    const readme = join(work.folder, 'README.md');
    const committed = await readFile(readme, 'utf8');
    const head = await gitIn(work.folder, work, 'rev-parse', 'HEAD');
    await writeFile(readme, `${committed}Not committed yet.\n`);
    await orchestrate(page, task);
    await press(page, 'Start 1 subtask', 'Start With Uncommitted Changes');
    await line(page, /^One small thing.*completed/).waitFor({ timeout: 60_000 });
    const result = runOf(work, task)?.integrated;
    expect(await gitIn(work.folder, work, 'show', `${result}:README.md`)).toContain('Not committed yet.');
    await press(page, 'changed by "One small thing". Apply to main?', 'Apply');
    await line(page, /^One small thing.*applied to main/).waitFor();
    expect(await gitIn(work.folder, work, 'diff', '--name-only', head, 'HEAD')).toBe('small.txt');
    expect(await gitIn(work.folder, work, 'status', '--porcelain')).toBe('M README.md');
    await chooseOn(page, /^One small thing/, 'Undo Apply');
    await line(page, /^One small thing.*applied to main/).waitFor({ state: 'detached' });
    expect(await gitIn(work.folder, work, 'rev-parse', 'HEAD')).toBe(head);
    expect(await gitIn(work.folder, work, 'status', '--porcelain')).toBe('M README.md');
    await writeFile(readme, committed);
  });

  it('cancels a run, and nothing of it runs any more', async () => {
    const page = control.page();
    await orchestrate(page, 'Never come to an end');
    await press(page, 'Start 2 subtasks', 'Start');
    await line(page, /The work of hanging.*running/).waitFor();
    const sessions = async () => (await work.workers()).filter(({ command }) => command.includes('stream-json'));
    await vi.waitFor(async () => expect(await sessions()).toHaveLength(2), { timeout: 30_000 });
    await runCommand(page, 'Claude Orchestrator: Cancel Run');
    await line(page, /^Never come to an end.*cancelled/).waitFor();
    await vi.waitFor(async () => expect(await work.workers()).toEqual([]), { timeout: 30_000 });
  });

  it('discards one run after seeing what is lost, then everything, and keeps what is their own', async () => {
    const page = control.page();
    const dialog = page.locator('.monaco-dialog-box');
    const discard = async (button: string): Promise<void> => {
      const row = page.locator('.quick-input-list .monaco-list-row').filter({ hasText: 'Never come to an end' });
      // A pick closes when something else takes the keyboard; a person opens it again.
      await vi.waitFor(
        async () => {
          await runCommand(page, 'Claude Orchestrator: Discard Run');
          await row.click({ timeout: 5_000 });
        },
        { timeout: 60_000 },
      );
      await dialog.getByText('Its journal, what its workers said').waitFor();
      await dialog.getByRole('button', { name: button }).click();
      await dialog.waitFor({ state: 'hidden' });
    };
    await discard('Cancel');
    await line(page, /^Never come to an end/).waitFor();
    await discard('Discard');
    await line(page, /^Never come to an end/).waitFor({ state: 'detached' });
    expect((await readdir(runs())).length).toBeGreaterThan(0);
    await runCommand(page, 'Claude Orchestrator: Clean Up Everything');
    await dialog.getByText('Your branches, files and the folder').waitFor();
    await dialog.getByRole('button', { name: 'Remove Everything' }).click();
    await vi.waitFor(async () => expect(await refs()).toEqual(['refs/heads/main']), { timeout: 30_000 });
    await vi.waitFor(async () => expect(await readdir(runs()).catch(() => [])).toEqual([]));
    expect(await readFile(join(work.folder, 'src', 'index.js'), 'utf8')).toContain('formalGreet');
  });
});

const runs = (): string => placesOf(work).runs;

async function refs(): Promise<string[]> {
  const found = await gitIn(work.folder, work, 'for-each-ref', '--format=%(refname)');
  return found.split('\n').filter(Boolean);
}
