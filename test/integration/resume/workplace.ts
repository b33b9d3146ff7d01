import { spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { RunFold } from '../../../src/core/journal/fold.ts';
import { ATTEMPT_MARKER } from '../../../src/core/model/attempt-files.ts';
import type { RunState } from '../../../src/core/model/run.ts';
import { readJournal } from '../../../src/node/journal/read.ts';
import { journalFolder, type StatePaths, stateHome, statePaths } from '../../../src/node/state/paths.ts';
import { readRuns } from '../../../src/node/state/runs.ts';
import { claudeExecutable, claudeTestEnvironment } from '../../model-server/environment.ts';
import { loadScenario } from '../../model-server/scenario.ts';
import type { Scenario } from '../../model-server/schema.ts';
import { type ModelServer, startModelServer } from '../../model-server/server.ts';
import { scratchRepository } from '../git/scratch-repository.ts';

const root = join(import.meta.dirname, '..', '..', '..');
export const SAMPLE = join(root, 'test', 'sample');

/** A command that runs or has run. */
export interface Started {
  readonly pid: number;
  /** Resolves with the exit code, null for a signal. */
  readonly ended: Promise<number | null>;
  output(): string;
  kill(signal: NodeJS.Signals): void;
}

/** A repository, a scripted model and the built command line, with an environment of their own. */
export interface Workplace {
  readonly repository: string;
  /** Home of every process that this test starts. */
  readonly home: string;
  readonly paths: StatePaths;
  readonly server: ModelServer;
  start(...args: readonly string[]): Started;
  /** Runs a command to its end. */
  run(...args: readonly string[]): Promise<{ code: number | null; output: string }>;
  git(...args: readonly string[]): Promise<string>;
  /** The only run, as its journal has it now; undefined before there is one. */
  state(): RunState | undefined;
  /** Types of the run's events in order. */
  events(): readonly string[];
  /** Pids of processes that descend from a worker of this test. */
  leftovers(): Promise<readonly number[]>;
}

/** Removed, with all that it started, when the test ends. The repository is the sample's unless `files` says otherwise. */
export async function workplace(
  scenario: Scenario = loadScenario(join(SAMPLE, 'scenario.yaml')),
  files?: Readonly<Record<string, string>>,
): Promise<Workplace> {
  const scratch = await scratchRepository(files ? { files } : { files: { '.gitkeep': '' } });
  if (!files) {
    await cp(join(SAMPLE, 'repository'), scratch.root, { recursive: true });
    await scratch.commit('The sample');
  }
  const home = await realpath(await mkdtemp(join(tmpdir(), 'workplace-')));
  const server = await startModelServer(scenario);
  const env = claudeTestEnvironment({ modelUrl: server.url, home });
  const paths = statePaths(stateHome(env), join(scratch.root, '.git'));
  const started = new Set<Started>();

  const start = (...args: readonly string[]): Started => {
    const child = spawn(process.execPath, [join(root, 'dist', 'cli.js'), ...args], {
      cwd: scratch.root,
      env: { ...env, PATH: [dirname(process.execPath), env['PATH']].join(':') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    const { pid } = child;
    if (pid === undefined) throw new Error('The command line could not be started.');
    const command: Started = { pid, ended, output: () => output, kill: (name) => void child.kill(name) };
    started.add(command);
    return command;
  };
  const leftovers = () => markedProcesses(home);

  onTestFinished(async () => {
    for (const command of started) command.kill('SIGKILL');
    for (const pid of await leftovers()) process.kill(pid, 'SIGKILL');
    await server.close();
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  });

  return {
    repository: scratch.root,
    home,
    paths,
    server,
    start,
    async run(...args) {
      const command = start(...args);
      const code = await command.ended;
      return { code, output: command.output() };
    },
    git: scratch.git,
    state: () => readRuns(paths).runs[0],
    events() {
      const run = readRuns(paths).runs[0];
      if (!run) return [];
      const { records } = readJournal(journalFolder(paths, run.id));
      RunFold.of(records);
      return records.map(({ event }) => event.type);
    },
    leftovers,
  };
}

export const withClaude = ['--claude', claudeExecutable] as const;

/** Workers of this test carry both the marker and this test's home in their environment. */
async function markedProcesses(home: string): Promise<number[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      return environment.includes(`${ATTEMPT_MARKER}=`) && environment.includes(home) ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}
