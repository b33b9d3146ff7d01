import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { builtOnce } from './driver/cache-folder.ts';
import type { EditorSession, ServerControl } from './driver/driver.ts';
import { editorEnvironment } from './driver/environment.ts';
import { runningProcesses } from './driver/process-tree.ts';
import { runSuite } from './driver/run-suite.ts';
import { selectDriver } from './driver/select.ts';
import { serverDriver } from './driver/server-driver.ts';
import { openTerminal, runCommand, terminalRows, trustFolder, webview } from './driver/workbench.ts';

const GUARD_MS = 300_000;
const extensionPath = join(import.meta.dirname, '..', 'fixtures', 'probe-extension');
let scratch = '';

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'driver-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

describe('builtOnce', () => {
  it('lets one of two builds at the same time win, gives both its folder and leaves nothing else', async () => {
    const build = (text: string) => (folder: string) => writeFile(join(folder, 'content'), text);
    const both = await Promise.all(['a', 'b'].map((text) => builtOnce('part', build(text), join(scratch, 'cache'))));
    expect(new Set(both.map(({ folder }) => folder)).size).toBe(1);
    expect(await readdir(join(scratch, 'cache'))).toEqual(['part']);
    expect(await builtOnce('part', () => Promise.reject(new Error('again')), join(scratch, 'cache'))).toMatchObject({
      seconds: 0,
    });
  });

  it('leaves nothing of a build that failed', async () => {
    const failing = builtOnce('broken', () => Promise.reject(new Error('no space')), join(scratch, 'cache'));
    await expect(failing).rejects.toThrow('no space');
    expect(await readdir(join(scratch, 'cache'))).not.toContain('broken');
  });
});

describe('runSuite', () => {
  it('names every test that failed, and the one during which the extension host died', async () => {
    const driver = await selectDriver();
    const outcome = await runSuite({ driver, extensionPath, name: 'mishaps', suites: ['mishaps'] });
    expect(outcome.tests.map(({ name, state }) => [name, state])).toEqual([
      ['mishaps › passes', 'passed'],
      ['mishaps › is skipped', 'skipped'],
      ['mishaps › fails', 'failed'],
      ['mishaps › kills its extension host', 'unfinished'],
    ]);
    expect(outcome.tests[2]?.error).toContain('what was wanted');
    expect(outcome.failure).toContain('during "mishaps › kills its extension host"');
  }, 300_000);
});

describe('the server driver', () => {
  let session: EditorSession;
  let control: ServerControl;
  const hosts = async () =>
    (await control.processes()).filter(({ role }) => role === 'extensionHost').map(({ pid }) => pid);
  const probe = async () => {
    await runCommand(control.page(), 'Probe: Say Hello');
    await control.page().getByText('Hello, world').waitFor();
  };

  beforeAll(async () => {
    const dataDir = join(scratch, 'data');
    const folder = join(scratch, 'folder');
    await mkdir(folder);
    session = await serverDriver.open({
      folder,
      extensionPath,
      env: await editorEnvironment(dataDir, { FROM_THE_CALLER: 'yes' }, { PATH: process.env['PATH'], SECRET: 'no' }),
      settings: {},
      dataDir,
      onLog: () => undefined,
    });
    if (!session.server) throw new Error('no control');
    control = session.server;
  }, GUARD_MS);
  afterAll(() => session?.close());

  it('answers nobody without its token', async () => {
    const url = new URL(session.url ?? '');
    const allowed = await fetch(url, { redirect: 'manual' });
    url.searchParams.delete('tkn');
    const refused = await fetch(url, { redirect: 'manual' });
    expect([allowed.status, refused.status]).toEqual([302, 403]);
    const commands = (await control.processes()).map(({ command }) => command).join('\n');
    expect(commands).not.toContain(new URL(session.url ?? '').searchParams.get('tkn'));
  });

  it('runs a command of the extension, and again after a reload', { timeout: GUARD_MS }, async () => {
    await probe();
    await control.reload();
    await probe();
  });

  it('shows a webview with its script run', { timeout: GUARD_MS }, async () => {
    await runCommand(control.page(), 'Probe: Show Page');
    await webview(control.page()).getByText('Hello from the webview').waitFor();
  });

  it('gives terminals the environment of the caller and nothing else', { timeout: GUARD_MS }, async () => {
    await openTerminal(control.page());
    await control.page().keyboard.type('echo "<$FROM_THE_CALLER-$SECRET>"\n');
    await terminalRows(control.page()).getByText('<yes->').waitFor();
  });

  it('brings the extension back after its host was killed', { timeout: GUARD_MS }, async () => {
    // The one of before the reload may still be ending.
    await vi.waitFor(async () => expect(await hosts()).toHaveLength(1), { timeout: 60_000, interval: 100 });
    const [before] = await hosts();
    expect(await control.killExtensionHosts()).toBe(1);
    await control.reload();
    await probe();
    expect(await hosts()).not.toContain(before);
  });

  it('starts again on the same URL after the whole server was killed', { timeout: GUARD_MS }, async () => {
    await control.killServer();
    expect(await control.processes()).toEqual([]);
    await control.restartServer();
    await control.reload();
    await probe();
  });

  it('ends the extension host with the window and starts one with the next', { timeout: GUARD_MS }, async () => {
    await control.closeWindow();
    expect(() => control.page()).toThrow('openWindow');
    await vi.waitFor(async () => expect(await hosts()).toEqual([]), { timeout: 60_000, interval: 100 });
    await control.openWindow();
    await probe();
    expect(await hosts()).toHaveLength(1);
  });

  it('leaves no process behind when it is closed', { timeout: GUARD_MS }, async () => {
    const before = (await control.processes()).map(({ pid }) => pid);
    expect(before.length).toBeGreaterThan(2);
    await session.close();
    expect(await mentioning(join(scratch, 'data'))).toEqual([]);
    expect((await runningProcesses()).filter(({ pid }) => before.includes(pid))).toEqual([]);
  });
});

describe('Workspace Trust', () => {
  it('shows Restricted Mode until the folder is trusted; then the extension works', { timeout: GUARD_MS }, async () => {
    const dataDir = join(scratch, 'trust');
    const folder = join(scratch, 'untrusted');
    await mkdir(folder);
    const env = await editorEnvironment(dataDir);
    const options = {
      folder,
      extensionPath,
      env,
      settings: {},
      dataDir,
      trust: 'ask',
      onLog: () => undefined,
    } as const;
    const session = await serverDriver.open(options);
    try {
      if (!session.server) throw new Error('no control');
      const page = session.server.page();
      await page.getByText('Restricted Mode', { exact: true }).waitFor();
      await trustFolder(page);
      await runCommand(page, 'Probe: Say Hello');
      await page.getByText('Hello, world').waitFor();
    } finally {
      await session.close();
    }
  });
});

describe('when the process that opened an editor is killed', () => {
  it('server, extension host and browser end', { timeout: GUARD_MS }, async () => {
    const dataDir = join(scratch, 'orphan');
    const options = { folder: undefined, extensionPath, env: await editorEnvironment(dataDir), settings: {}, dataDir };
    const module = JSON.stringify(join(import.meta.dirname, 'driver', 'server-driver.ts'));
    const script = `import { serverDriver } from ${module};
      await serverDriver.open({ ...${JSON.stringify(options)}, onLog: () => undefined });
      console.log('open');`;
    const opener = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      // What a killed browser driver leaves goes with our own folder.
      env: { ...process.env, TMPDIR: scratch },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(opener.stdout, 'data');
    expect((await mentioning(join(dataDir, 'browser'))).length).toBeGreaterThan(0);
    expect((await mentioning(join(dataDir, 'server'))).length).toBeGreaterThan(0);
    opener.kill('SIGKILL');
    const left = async () => (await mentioning(dataDir)).filter((command) => !command.includes('--eval'));
    await vi.waitFor(async () => expect(await left()).toEqual([]), { timeout: 60_000, interval: 50 });
  });
});

/** Command lines of running processes with `text` in them. */
async function mentioning(text: string): Promise<string[]> {
  return (await runningProcesses()).map(({ command }) => command).filter((command) => command.includes(text));
}
