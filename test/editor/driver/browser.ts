import { mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';
import { bundledChromium } from './bundled-chromium.ts';
import { exists } from './cache-folder.ts';

/** No sandbox: a bare container has no user namespaces, and only our own loopback page is ever shown. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** What a browser needs of the machine's own environment, where it is set. */
const NEEDED = ['PATH', 'LANG', 'SystemRoot', 'SystemDrive', 'TEMP', 'TMP', 'ProgramFiles', 'ProgramData', 'windir'];

const NAMES = ['google-chrome', 'google-chrome-stable', 'microsoft-edge', 'microsoft-edge-stable', 'chromium'];

/** Paths of installed browsers of the Chromium family, best first. Snap packages cannot read our profile folder. */
async function installedBrowsers(env: NodeJS.ProcessEnv = process.env): Promise<string[]> {
  const found: string[] = [];
  for (const path of candidates(env)) {
    if (!path.startsWith('/snap/') && (await exists(path))) found.push(path);
  }
  return found;
}

function candidates(env: NodeJS.ProcessEnv): string[] {
  if (process.platform === 'win32') {
    const roots = [env['ProgramFiles'], env['ProgramFiles(x86)'], env['LOCALAPPDATA']].filter(
      (root) => root !== undefined,
    );
    return roots.flatMap((root) => [
      join(root, 'Google', 'Chrome', 'Application', 'chrome.exe'),
      join(root, 'Microsoft', 'Edge', 'Application', 'msedge.exe'),
      join(root, 'Chromium', 'Application', 'chrome.exe'),
    ]);
  }
  if (process.platform === 'darwin') {
    return ['Google Chrome', 'Microsoft Edge', 'Chromium'].map(
      (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
    );
  }
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return [
    '/opt/google/chrome/chrome',
    '/opt/microsoft/msedge/msedge',
    ...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))),
  ];
}

/**
 * Starts a headless browser with its profile in `profileDir`: an installed one, else the bundled Chromium. It gets
 * nothing of this process's environment but what it needs to start. Close it with `context.close()`.
 */
export async function launchBrowser(
  profileDir: string,
  log: (line: string) => void,
  signal?: AbortSignal,
): Promise<BrowserContext> {
  const base: Record<string, string> = {};
  for (const name of NEEDED) {
    const value = process.env[name];
    if (value !== undefined) base[name] = value;
  }
  const home = join(profileDir, 'home');
  await mkdir(home, { recursive: true, mode: 0o700 });
  const launch = (executablePath: string, env: Readonly<Record<string, string>>) =>
    chromium.launchPersistentContext(join(profileDir, 'profile'), {
      executablePath,
      headless: true,
      args: FLAGS,
      env: { ...base, HOME: home, ...env },
      viewport: { width: 1440, height: 900 },
      colorScheme: 'dark',
      // Whoever opens the editor decides what a signal means; a browser whose pipe is cut ends by itself.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    });
  for (const executable of await installedBrowsers()) {
    try {
      return await launch(executable, {});
    } catch (error) {
      log(`Browser: ${executable} did not start (${String(error).split('\n')[0]})`);
    }
  }
  const bundled = await bundledChromium(log, signal);
  return launch(bundled.executable, bundled.env);
}
