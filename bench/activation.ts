import { mkdtemp, readFile, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import * as z from 'zod';
import { makePackage } from '../scripts/package/make-package.ts';
import { serverDriver } from '../test/editor/driver/server-driver.ts';
import { runCommand } from '../test/editor/driver/workbench.ts';
import { editorScenario } from '../test/editor/suite/extension-scenario.ts';
import { openWorkplace } from '../test/editor/suite/extension-workplace.ts';
import { installExtension } from '../test/editor/suite/installed-extension.ts';
import { aim, type Benchmark, median } from './benchmark.ts';

const STARTS = 10;
const AIM_MS = 50;
const root = join(import.meta.dirname, '..');

/** One start as VS Code measured it. */
interface Start {
  readonly loadMs: number;
  readonly callMs: number;
}

/** What the build says is in each bundle. */
const bundlesSchema = z.record(z.string(), z.object({ bytes: z.number(), modules: z.number() }));

/**
 * The packaged extension, installed into a real VS Code and started anew each time. The figure is VS Code's own, from
 * "Startup Performance": loading the code and calling `activate`, which is what others in the extension host wait for.
 */
export const activation: Benchmark = {
  name: 'activation',
  question: 'How long does the extension hold up the extension host when a window opens?',
  async measure({ log }) {
    const scratch = await realpath(await mkdtemp(join(tmpdir(), 'bench-activation-')));
    const work = await openWorkplace(editorScenario());
    try {
      const { file, bytes } = await makePackage(join(scratch, 'claude-orchestrator.vsix'));
      const installed = await installExtension(file, work.dataDir, work.env);
      const found = await starts(work, log);
      const times = found.map(({ loadMs, callMs }) => loadMs + callMs);
      const bundles = bundlesSchema.parse(
        JSON.parse(await readFile(join(root, '.test-output', 'bundles.json'), 'utf8')),
      );
      const size = async (name: string): Promise<number> => (await stat(join(installed, 'dist', name))).size;
      const figures = {
        startsMs: times,
        loadMs: median(found.map(({ loadMs }) => loadMs)),
        callMs: median(found.map(({ callMs }) => callMs)),
        activationMsMin: Math.min(...times),
        activationMsMax: Math.max(...times),
        vsixBytes: bytes,
        loadedAtActivationBytes: await size('extension.cjs'),
        loadedAtActivationModules: bundles['extension.cjs']?.modules ?? Number.NaN,
        loadedAfterActivationBytes: await size('editor.cjs'),
        loadedAfterActivationModules: bundles['editor.cjs']?.modules ?? Number.NaN,
        loadedOnFirstUseBytes: await size('editor-host.cjs'),
        loadedOnFirstUseModules: bundles['editor-host.cjs']?.modules ?? Number.NaN,
        workerBytes: await size('worker.js'),
        parserThreadBytes: await size('parser-thread.js'),
        pythonParserBytes: await size('ruff_wasm_bg.wasm'),
        commandLineBytes: await size('cli.js'),
      };
      return { figures, aims: [aim('activationMs', median(times), '<=', AIM_MS)] };
    } finally {
      await work.close();
      await rm(scratch, { recursive: true, force: true });
    }
  },
};

async function starts(work: Awaited<ReturnType<typeof openWorkplace>>, log: (line: string) => void): Promise<Start[]> {
  const session = await serverDriver.open({
    folder: work.folder,
    extensionPath: undefined,
    env: work.env,
    settings: work.settings,
    dataDir: work.dataDir,
    onLog: () => undefined,
  });
  try {
    const control = session.server;
    if (!control) throw new Error('The server driver has no control.');
    const times: Start[] = [];
    for (let start = 0; start <= STARTS; start += 1) {
      const time = await readStart(control.page());
      log(`${start === 0 ? 'warm-up' : `start ${start}`}: ${time.loadMs} ms to load, ${time.callMs} ms in activate`);
      // The first one pays for cold files.
      if (start > 0) times.push(time);
      if (start === STARTS) break;
      // Nothing of ours is open when the next one starts: it is activated by the start, as for most people.
      await runCommand(control.page(), 'View: Close All Editors');
      await runCommand(control.page(), 'View: Show Explorer');
      await control.closeWindow();
      await control.openWindow();
    }
    return times;
  } finally {
    await session.close();
  }
}

/** What VS Code says that loading the code and calling `activate` took; both hold up the extension host. */
async function readStart(page: Page): Promise<Start> {
  // Its commands are there once it is active.
  await runCommand(page, 'Claude Orchestrator: Show Runs');
  await runCommand(page, 'Developer: Startup Performance');
  await page.locator('.view-line').filter({ hasText: 'System Info' }).first().waitFor();
  await page.keyboard.press('Control+F');
  await page.locator('.find-widget .input').first().fill('claude-orchestrator.claude');
  await page.keyboard.press('Enter');
  const line = page.locator('.view-line').filter({ hasText: /claude-orchestrator\.claude-orchestrator.*\d/ });
  const cells = ((await line.first().textContent()) ?? '').split('|').map((cell) => cell.trim());
  const [, , , load, call] = cells;
  return { loadMs: Number(load), callMs: Number(call) };
}
