import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makePackage } from '../../scripts/package/make-package.ts';
import type { EditorSession } from './driver/driver.ts';
import { AUTOMATIC, line, openWindow, orchestrate, pageOf, root } from './person.ts';
import { editorScenario } from './suite/extension-scenario.ts';
import { openWorkplace, type Workplace } from './suite/extension-workplace.ts';
import { filesIn, installExtension } from './suite/installed-extension.ts';

/** What ships, nothing else. */
const EXPECTED = [
  /^\.vsixmanifest$/,
  /^(package\.json|package\.nls\.json|readme\.md|changelog\.md|LICENSE\.txt)$/i,
  /^l10n\/bundle\.l10n\.json$/,
  /^dist\/(package\.json|THIRD-PARTY-NOTICES\.txt|ruff_wasm_bg\.wasm)$/,
  /^dist\/(cli\.js|worker\.js|parser-thread\.js|extension\.cjs|editor\.cjs|editor-host\.cjs)$/,
  /^media\/((icon|screenshot)\.png|activity-bar\.svg|config\.schema\.json|walkthrough\/[a-z]+\.md)$/,
];

let scratch: string;
let work: Workplace;
let installed: string;
let session: EditorSession | undefined;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'package-'));
  const { file } = await makePackage(join(scratch, 'claude-orchestrator.vsix'));
  work = await openWorkplace(editorScenario());
  installed = await installExtension(file, work.dataDir, work.env);
});
afterAll(async () => {
  await session?.close();
  await work?.close();
  await rm(scratch, { recursive: true, force: true });
});

describe('the package', () => {
  it('has what is needed and nothing else', async () => {
    const files = await filesIn(installed);
    expect(files.filter((file) => !EXPECTED.some((expected) => expected.test(file)))).toEqual([]);
    for (const needed of [
      'dist/extension.cjs',
      'dist/editor.cjs',
      'dist/editor-host.cjs',
      'dist/worker.js',
      'dist/parser-thread.js',
      'dist/ruff_wasm_bg.wasm',
      'dist/THIRD-PARTY-NOTICES.txt',
      'media/config.schema.json',
      'media/icon.png',
    ])
      expect(files).toContain(needed);
  });

  it('has no source map, no test and no path of the machine it was made on in its bundles', async () => {
    for (const file of (await filesIn(installed)).filter((path) => /\.c?js$/.test(path))) {
      const text = await readFile(join(installed, file), 'utf8');
      expect(text.includes('sourceMappingURL='), file).toBe(false);
      expect(text.includes(root), file).toBe(false);
      expect(/\bvitest\b|\bmocha\b/.test(text), file).toBe(false);
    }
  });

  it('names the licence of every package that is in it', async () => {
    const notices = await readFile(join(installed, 'dist', 'THIRD-PARTY-NOTICES.txt'), 'utf8');
    for (const name of ['zod', 'acorn', '@babel/parser', 'js-yaml', 'jsonc-parser'])
      expect(notices).toContain(`${name} `);
  });

  it('does the main job in a VS Code that has nothing but it', async () => {
    session = await openWindow(work, { extensionPath: undefined, settings: AUTOMATIC });
    const page = pageOf(session);
    await orchestrate(page, 'One small thing');
    const file = join(work.folder, 'small.txt');
    const content = () => readFile(file, 'utf8');
    await vi.waitFor(async () => expect(await content()).toBe('small\n'), { timeout: 120_000, interval: 200 });
    await line(page, 'applied to main').waitFor();
    work.server.assertNoUnmatched();
  });
});
