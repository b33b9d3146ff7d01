import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import type { EditorDriver, EditorSession, OpenOptions } from './driver.ts';
import { installEditor, privateFolder } from './installation.ts';
import { quietSettings } from './quiet-settings.ts';
import { restartableServer } from './restartable-server.ts';
import { connectionToken, settingsFolder } from './server-process.ts';
import { serverWindow } from './server-window.ts';
import { workbenchUrl } from './workbench-url.ts';

/** VS Code's own server with its window as a page of a headless browser: needs nothing but npm. */
export const serverDriver: EditorDriver = { kind: 'server', open };

async function open(options: OpenOptions, signal?: AbortSignal): Promise<EditorSession> {
  const { dataDir, env, onLog, trust = 'disabled' } = options;
  const { serverMain } = await installEditor(onLog, signal);
  await writeSettings(settingsFolder(dataDir, 'User'), { ...quietSettings, ...options.settings });
  // Its windows are remote ones: settings about the machine, such as a program's path, count nowhere else.
  await writeSettings(settingsFolder(dataDir, 'Machine'), options.settings);
  const token = await connectionToken(dataDir);
  const server = await restartableServer({ serverMain, dataDir, env, trust }, signal);
  const url = (suite: string | undefined) => workbenchUrl({ ...options, port: server.port, token, suite });

  let exited: (code: number) => void = () => undefined;
  const suiteExit = new Promise<number>((resolve, reject) => {
    exited = resolve;
    void server.ended.then((how) => reject(new Error(`The VS Code server ${how} before the suite had ended.`)));
  });
  // Whoever does not wait for the suite must not be ended by its rejection.
  suiteExit.catch(() => undefined);

  let context: BrowserContext | undefined;
  let closing: Promise<unknown> | undefined;
  const close = async () => {
    closing ??= Promise.allSettled([context?.close(), server.close()]);
    await closing;
  };
  const onAbort = () => void close();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    context = await launchBrowser(join(dataDir, 'browser'), onLog, signal);
    await context.exposeFunction('codeAutomationLog', (type: string, args: unknown[]) => onLog(hostLine(type, args)));
    await context.exposeFunction('codeAutomationExit', (code: number) => exited(code));
    const window = serverWindow(context, url(options.suite), onLog);
    await window.openWindow();
    signal?.throwIfAborted();
    return { url: url(undefined), server: { ...window, ...server.control }, suiteExit, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function writeSettings(folder: string, settings: Readonly<Record<string, unknown>>): Promise<void> {
  await writeFile(join(await privateFolder(folder), 'settings.json'), JSON.stringify(settings, null, 2));
}

function hostLine(type: string, args: readonly unknown[]): string {
  return `host ${type}: ${args.map((arg) => (typeof arg === 'string' ? arg : JSON.stringify(arg))).join(' ')}`;
}
