import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { makePackage } from '../../scripts/package/make-package.ts';
import type { EditorSession } from './driver/driver.ts';
import {
  AUTOMATIC,
  controlOf,
  line,
  openWindow,
  orchestrate,
  pageOf,
  placesOf,
  runOf,
  untilApplied,
} from './person.ts';
import { openWorkplace, type Workplace } from './suite/extension-workplace.ts';
import { installExtension } from './suite/installed-extension.ts';
import { survivalScenario, WORKERS } from './suite/survival-scenario.ts';

const TASK = 'Survive reload';

let scratch: string;
let work: Workplace;
let session: EditorSession | undefined;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'update-'));
  work = await openWorkplace(survivalScenario());
  const { file } = await makePackage(join(scratch, 'first.vsix'));
  await installExtension(file, work.dataDir, work.env);
});
afterAll(async () => {
  await session?.close();
  await work?.close();
  await rm(scratch, { recursive: true, force: true });
});

const supervisors = async () =>
  (await work.workers()).filter(({ command }) => command.includes(' supervise ')).map(({ pid }) => pid);

it('a run goes on when the extension is updated and its old version removed while workers run', async () => {
  session = await openWindow(work, { extensionPath: undefined, settings: AUTOMATIC });
  await orchestrate(pageOf(session), TASK);
  for (const worker of WORKERS) await work.server.waitForRequest({ subtask: `reload-${worker}`, turn: 2 }, 90_000);
  const before = await supervisors();
  expect(before).toHaveLength(WORKERS.length);

  const { file } = await makePackage(join(scratch, 'second.vsix'), '99.0.0');
  await installExtension(file, work.dataDir, work.env);
  const extensions = join(work.dataDir, 'extensions');
  const folders = (await readdir(extensions)).filter((name) => name.startsWith('claude-orchestrator.'));
  const old = folders.find((name) => !name.includes('99.0.0'));
  // As VS Code does with what is outdated, at the worst moment.
  if (old) await rm(join(extensions, old), { recursive: true });
  await controlOf(session).reload();

  expect(await supervisors()).toEqual(before);
  work.server.open('reload');
  const run = await untilApplied(work, TASK);
  for (const worker of WORKERS) {
    expect(run?.subtasks.get(`reload-${worker}`)?.attempts).toHaveLength(1);
    expect(work.server.sessions({ subtask: `reload-${worker}` })).toHaveLength(1);
  }
  await line(pageOf(session), 'applied to main').waitFor();
  const listed = await readFile(join(extensions, 'extensions.json'), 'utf8');
  expect(listed).toContain('99.0.0');
  await vi.waitFor(async () => expect(await supervisors()).toEqual([]), { timeout: 30_000 });
  expect(runOf(work, TASK)?.status).toBe('completed');
  expect((await readdir(placesOf(work).runs)).length).toBe(1);
});
