import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSuite } from '../suite/build.ts';
import { RESULTS_VARIABLE, readResults, type SuiteTest } from '../suite/results.ts';
import type { EditorDriver } from './driver.ts';
import { editorEnvironment } from './environment.ts';
import { privateFolder } from './installation.ts';

interface SuiteRequest {
  readonly driver: EditorDriver;
  /** Absolute path of the extension under development. */
  readonly extensionPath: string;
  /** Names this run among those that may run at the same time. */
  readonly name: string;
  /** Which `<suite>.suite.ts`. */
  readonly suites: readonly string[];
  /** Absolute path of the folder to open; a new empty one when left out. */
  readonly folder?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** On top of `editorEnvironment`. */
  readonly env?: Readonly<Record<string, string>>;
  readonly trust?: 'disabled' | 'ask';
  /** A guard against a host that hangs, not a measure; counted from the moment the window is there. */
  readonly timeoutMs?: number;
}

export interface SuiteOutcome {
  readonly tests: readonly SuiteTest[];
  /** What kept the suite from running to its end, with the editor's last output; undefined if it did. */
  readonly failure: string | undefined;
  /** Seconds from opening to the suite's exit. */
  readonly seconds: number;
}

/** Runs suites inside the extension host of a real VS Code with data of its own, which is removed afterwards. */
export async function runSuite(request: SuiteRequest): Promise<SuiteOutcome> {
  const suite = await buildSuite(request.name, request.suites);
  const dataDir = await mkdtemp(join(tmpdir(), 'editor-'));
  const results = join(dataDir, 'results.ndjson');
  const log: string[] = [];
  const started = performance.now();
  let failure: string | undefined;
  try {
    const session = await request.driver.open({
      folder: request.folder ?? (await privateFolder(join(dataDir, 'folder'))),
      extensionPath: request.extensionPath,
      suite,
      env: await editorEnvironment(dataDir, { ...request.env, EDITOR_TEST_DATA: dataDir, [RESULTS_VARIABLE]: results }),
      settings: request.settings ?? {},
      dataDir,
      trust: request.trust ?? 'disabled',
      onLog: (line) => log.push(line),
    });
    try {
      const code = await Promise.race([session.suiteExit, hang(request.timeoutMs ?? 180_000)]);
      failure = failureOf(code, await readResults(results));
    } finally {
      await session.close();
    }
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  const seconds = (performance.now() - started) / 1000;
  const tests = await readResults(results);
  if (failure !== undefined) {
    const server = await readFile(join(dataDir, 'server.log'), 'utf8').catch(() => '');
    failure = [failure, ...log.slice(-30), ...server.split('\n').slice(-30)].join('\n');
  }
  await rm(dataDir, { recursive: true, force: true });
  return { tests, failure, seconds };
}

/** Tests that failed speak for themselves; this is for a run that did not get as far as it says. */
function failureOf(code: number, tests: readonly SuiteTest[]): string | undefined {
  const unfinished = tests.find(({ state }) => state === 'unfinished');
  if (unfinished) return `The extension host ended (${code}) during "${unfinished.name}".`;
  const failed = tests.some(({ state }) => state === 'failed');
  if (code !== 0 && !failed) return `The suite ended with ${code}, but no test failed.`;
  if (tests.length === 0) return 'The suite ran no test.';
  return undefined;
}

function hang(ms: number): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`The suite had not ended after ${ms / 1000} s.`)), ms).unref();
  });
}
