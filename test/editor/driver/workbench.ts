import type { FrameLocator, Locator, Page } from 'playwright-core';

const PALETTE_MS = 60_000;

/**
 * Runs a command from the command palette by its full title, e.g. 'View: Toggle Terminal'. Waits until it is there:
 * after a start or a reload the extension host registers its commands later than the window appears.
 */
export function runCommand(page: Page, title: string): Promise<void> {
  return choose(page, 'F1', `>${title}`, title);
}

/** Opens a file of the folder by its name. */
export function openFile(page: Page, name: string): Promise<void> {
  return choose(page, 'Control+P', name, name);
}

async function choose(page: Page, key: string, text: string, wanted: string): Promise<void> {
  const label = page.locator('.label-name').getByText(wanted, { exact: true });
  const row = page.locator('.quick-input-list .monaco-list-row').filter({ has: label });
  const until = Date.now() + PALETTE_MS;
  for (;;) {
    try {
      await page.keyboard.press(key);
      await quickInput(page).fill(text, { timeout: 1500 });
      return await row.first().click({ timeout: 1500 });
    } catch (error) {
      // It may have been closing when the key came, and it does not notice commands that come while it is open.
      await page.keyboard.press('Escape');
      if (Date.now() > until) throw new Error(`"${wanted}" was not offered for ${text}.`, { cause: error });
    }
  }
}

/** The text field of whatever the editor asks for: command palette, quick pick or input box. */
export function quickInput(page: Page): Locator {
  return page.locator('.quick-input-widget:visible input.input');
}

/** Types `text` where the editor asks for it and confirms. */
export async function answer(page: Page, text: string): Promise<void> {
  await quickInput(page).fill(text);
  await quickInput(page).press('Enter');
}

/** Opens a new terminal and resolves when the keyboard is its. */
export async function openTerminal(page: Page): Promise<void> {
  await runCommand(page, 'Terminal: Create New Terminal');
  // A webview that had the keyboard takes it back: only a click is sure to move it.
  await page.locator('.terminal-wrapper.active .xterm-screen').click();
  await page.locator('.terminal-wrapper.active .xterm.focus').waitFor();
}

/** The rows on the screen of the visible terminal, e.g. `terminalRows(page).getByText('done').waitFor()`. */
export function terminalRows(page: Page): Locator {
  return page.locator('.terminal-wrapper.active .xterm-rows').first();
}

/** The document inside the n-th visible webview (editor tab or view). */
export function webview(page: Page, index = 0): FrameLocator {
  return page.locator('iframe.webview.ready').nth(index).contentFrame().locator('iframe#active-frame').contentFrame();
}

/** Trusts the folder of a window that is in Restricted Mode, in the page that VS Code has for it. */
export async function trustFolder(page: Page): Promise<void> {
  await runCommand(page, 'Workspaces: Manage Workspace Trust');
  await page.locator('.workspace-trust-editor').getByRole('button', { name: 'Trust', exact: true }).click();
  await page.getByText('You trust this folder').first().waitFor();
}
