import type { BrowserContext, Page } from 'playwright-core';
import type { ServerControl } from './driver.ts';

type ServerWindow = Pick<ServerControl, 'page' | 'reload' | 'openWindow' | 'closeWindow' | 'screenshot'>;

/** A guard for a machine under load, not a measure. */
const READY_MS = 90_000;

/** The one window of a server build: a page of `context` that shows `url`. Nothing is opened yet. */
export function serverWindow(context: BrowserContext, url: string, onLog: (line: string) => void): ServerWindow {
  let current: Page | undefined;
  const page = () => {
    if (!current) throw new Error('The editor’s window is closed: call openWindow first.');
    return current;
  };
  const ready = () => page().locator('.monaco-workbench .statusbar').waitFor({ timeout: READY_MS });
  return {
    page,
    async closeWindow() {
      const closing = current;
      current = undefined;
      if (!closing) return;
      // A browser without pages ends.
      await closing.context().newPage();
      await closePage(closing);
    },
    async openWindow() {
      const opened = await context.newPage();
      const others = context.pages().filter((other) => other !== opened);
      current = opened;
      opened.on('pageerror', (error) => onLog(`window: ${error.message}`));
      opened.on('crash', () => onLog('window: the page crashed'));
      await opened.goto(url, { timeout: READY_MS });
      await ready();
      for (const other of others) await closePage(other);
      return opened;
    },
    async reload() {
      await page().reload({ timeout: READY_MS });
      await ready();
    },
    async screenshot(path) {
      await page().screenshot({ path });
    },
  };
}

/** As a person closes a tab: the window gets to say goodbye to its extension host, which would else wait for hours. */
async function closePage(page: Page): Promise<void> {
  const closed = page.waitForEvent('close', { timeout: READY_MS });
  await page.close({ runBeforeUnload: true });
  await closed;
}
