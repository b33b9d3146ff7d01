import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Diagnosis } from './doctor-document.ts';
import { t } from './translate.ts';

/** Files that no language server can be content with. */
const PROBES: readonly { readonly language: string; readonly pattern: string; readonly file: string; text: string }[] =
  [
    {
      language: 'TypeScript',
      pattern: '**/*.ts',
      file: 'probe.ts',
      text: 'export const probe: number = "no number";\n',
    },
    { language: 'JavaScript', pattern: '**/*.{js,mjs,cjs}', file: 'probe.js', text: 'export const = ;\n' },
    { language: 'JSON', pattern: '**/*.json', file: 'probe.json', text: '{ "probe": }\n' },
    { language: 'Python', pattern: '**/*.py', file: 'probe.py', text: 'def probe(:\n' },
  ];
const ANSWER_MS = 10_000;
const EXCLUDED = '**/node_modules/**';

/**
 * Whether the editor says what is wrong in the languages of this folder: shows a broken file of each for a moment and
 * waits for its diagnostics.
 */
export async function probeLanguages(folder: string): Promise<Diagnosis[]> {
  const place = await mkdtemp(join(tmpdir(), 'language-probe-'));
  try {
    const found: Diagnosis[] = [];
    for (const { language, pattern, file, text } of PROBES) {
      const files = new vscode.RelativePattern(vscode.Uri.file(folder), pattern);
      if ((await vscode.workspace.findFiles(files, EXCLUDED, 1)).length === 0) continue;
      const path = join(place, file);
      await writeFile(path, text);
      found.push(diagnosis(language, await hasDiagnostics(vscode.Uri.file(path))));
    }
    return found;
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

function diagnosis(language: string, answers: boolean): Diagnosis {
  const check = `${language} diagnostics`;
  if (answers) return { check, status: 'ok', detail: t('a broken file is noticed') };
  return {
    check,
    status: 'warning',
    detail: t('a broken file was not noticed within {0} s', ANSWER_MS / 1000),
    fix: t('Install or enable an extension for {0}. Results are checked for syntax without it.', language),
  };
}

/** Servers look at what is in a tab only. */
async function hasDiagnostics(uri: vscode.Uri): Promise<boolean> {
  let look: () => void = () => undefined;
  const subscription = vscode.languages.onDidChangeDiagnostics(() => look());
  let timer: NodeJS.Timeout | undefined;
  try {
    await vscode.window.showTextDocument(uri, { preview: true, preserveFocus: true });
    return await new Promise<boolean>((resolve) => {
      look = () => {
        if (vscode.languages.getDiagnostics(uri).length > 0) resolve(true);
      };
      timer = setTimeout(() => resolve(false), ANSWER_MS);
      look();
    });
  } finally {
    clearTimeout(timer);
    subscription.dispose();
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    const own = tabs.filter(({ input }) => input instanceof vscode.TabInputText && input.uri.path === uri.path);
    await vscode.window.tabGroups.close(own);
  }
}
