import { mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build as bundle } from 'esbuild';
import * as z from 'zod';
import type { RunState } from '../../src/core/model/run.ts';
import { type StatePaths, stateHome, statePaths } from '../../src/node/state/paths.ts';
import type { EditorSession, OpenOptions } from '../../test/editor/driver/driver.ts';
import { editorEnvironment } from '../../test/editor/driver/environment.ts';
import { selectDriver } from '../../test/editor/driver/select.ts';
import { claudeExecutable, claudeTestEnvironment } from '../../test/model-server/environment.ts';
import { loadScenario } from '../../test/model-server/scenario.ts';
import { startModelServer } from '../../test/model-server/server.ts';
import type { StartArguments } from './arguments.ts';
import { endWorkers } from './end-workers.ts';
import { followNewestRun } from './follow.ts';
import { attemptRows, claudeVersion, type StartReport } from './report.ts';
import { lastCommit, makeSampleRepository, SAMPLE_SCENARIO, SAMPLE_TASK } from './sample.ts';

const CLONE = join(import.meta.dirname, '..', '..');
const answerSchema = z.object({ vscode: z.string(), error: z.string().optional() });

/**
 * The main job on real parts, with a scripted model: opens the sample in a real VS Code, orchestrates a task there and
 * reports what the journal and git say came of it. Resolves with the exit code: 0 only for a validated and merged result.
 */
export async function runScripted(
  args: StartArguments,
  print: (line: string) => void,
  signal: AbortSignal,
): Promise<0 | 1> {
  const place = await realpath(await mkdtemp(join(tmpdir(), 'claude-orchestrator-')));
  const server = await startModelServer(loadScenario(SAMPLE_SCENARIO));
  let session: EditorSession | undefined;
  let stopFollowing: (() => Promise<unknown>) | undefined;
  let state: StatePaths | undefined;
  try {
    const folder = join(place, 'sample');
    const answer = join(place, 'answer.json');
    const claude = claudeTestEnvironment({ modelUrl: server.url, home: join(place, 'home') });
    const env = await editorEnvironment(place, { ...claude, DEMO_TASK: SAMPLE_TASK, DEMO_ANSWER: answer });
    await makeSampleRepository(folder, env);
    const paths = statePaths(stateHome(env), join(folder, '.git'));
    state = paths;
    const options: OpenOptions = {
      folder,
      extensionPath: CLONE,
      env,
      settings: {
        'claudeOrchestrator.claudePath': claudeExecutable,
        'claudeOrchestrator.approvePlan': 'never',
        'claudeOrchestrator.applyResult': 'whenValidated',
        'workbench.startupEditor': 'none',
      },
      dataDir: join(place, 'editor'),
      onLog: (line) => {
        if (/^(VS Code|Browser)\b/.test(line)) print(line);
      },
    };
    await mkdir(options.dataDir, { recursive: true });
    const driver = await selectDriver();
    const openedAt = performance.now();
    print(`Opening ${folder} in VS Code (${driver.kind})…`);
    session = await driver.open({ ...options, suite: await demoSuite(place) }, signal);
    const setupMs = Number(process.env['CLAUDE_ORCHESTRATOR_SETUP_MS'] ?? 0) + (performance.now() - openedAt);

    print(`Task: ${SAMPLE_TASK}`);
    const startedAt = performance.now();
    const following = followNewestRun(paths, print);
    stopFollowing = following.stop;
    await Promise.race([session.suiteExit, aborted(signal)]).catch((error: unknown) => {
      if (signal.aborted) throw error;
      print(`The editor ended early: ${String(error)}`);
    });
    const run = await following.stop();
    const wallMs = performance.now() - startedAt;
    const said = await readAnswer(answer);
    if (said.error !== undefined) print(said.error);
    const report = await reportOn(run, paths, folder, env, said.vscode, { wallMs, setupMs });
    printReport(report, folder, print);

    if (!args.once)
      session = await leaveOpen(
        session,
        driver.kind === 'desktop' ? () => driver.open(options, signal) : undefined,
        print,
        signal,
      );
    if (args.json) process.stdout.write(`${JSON.stringify(report)}\n`);
    return report.ok ? 0 : 1;
  } finally {
    await stopFollowing?.();
    await session?.close();
    if (state) await endWorkers(state);
    await server.close();
    await rm(place, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function reportOn(
  run: RunState | undefined,
  paths: StatePaths,
  folder: string,
  env: Readonly<Record<string, string>>,
  vscode: string,
  times: { wallMs: number; setupMs: number },
): Promise<StartReport> {
  const { files, count } = await lastCommit(folder, env);
  const attempts = run ? attemptRows(run) : [];
  const validated = run?.status === 'completed' && attempts.length > 0;
  const merged = run?.applied !== undefined && count === 2 && files.length === run.applied.files.length;
  return {
    ok: validated && merged,
    vscode,
    claude: run ? claudeVersion(paths, run) : '',
    plan: { subtasks: run?.plan?.subtasks.length ?? 0 },
    attempts,
    merged: { files: files.length },
    costUsd: run?.costUsd ?? 0,
    wallMs: Math.round(times.wallMs),
    setupMs: Math.round(times.setupMs),
  };
}

function printReport(report: StartReport, folder: string, print: (line: string) => void): void {
  for (const { subtask, exit, verdict, wallMs } of report.attempts) {
    print(`  ${subtask}: ${verdict ?? 'no verdict'}, exit ${exit ?? 'none'}, ${((wallMs ?? 0) / 1000).toFixed(1)} s`);
  }
  print(
    report.ok
      ? `Merged ${report.merged.files} files to main in ${folder}, $${report.costUsd.toFixed(4)} (scripted prices).`
      : 'Nothing was merged.',
  );
}

/** Leaves the editor to the person until they stop this program. */
async function leaveOpen(
  session: EditorSession,
  reopen: (() => Promise<EditorSession>) | undefined,
  print: (line: string) => void,
  signal: AbortSignal,
): Promise<EditorSession> {
  await session.server?.closeWindow();
  const open = reopen ? await reopen() : session;
  print(open.url === undefined ? 'VS Code is open.' : `VS Code is open at ${open.url}`);
  print('Press Ctrl+C here to close it and to remove the sample.');
  await aborted(signal).catch(() => undefined);
  return open;
}

async function demoSuite(place: string): Promise<string> {
  const outfile = join(place, 'demo.cjs');
  await bundle({
    entryPoints: [join(import.meta.dirname, 'demo.suite.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    external: ['vscode'],
    logLevel: 'error',
  });
  return outfile;
}

async function readAnswer(file: string): Promise<z.infer<typeof answerSchema>> {
  try {
    return answerSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return { vscode: '', error: 'The editor gave no answer.' };
  }
}

export function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
