import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { claudeExecutable, claudeTestEnvironment } from '../test/model-server/environment.ts';
import { defineScenario } from '../test/model-server/scenario.ts';
import { startModelServer } from '../test/model-server/server.ts';
import { aim, type Benchmark, median, rounded } from './benchmark.ts';

const SUBTASKS = 16;
const AT_ONCE = 4;
const LATENCY_MS = 300;
const CLI = join(import.meta.dirname, '..', 'dist', 'cli.js');

const ids = Array.from({ length: SUBTASKS }, (_, index) => `part-${String(index + 1).padStart(2, '0')}`);
const fileOf = (id: string): string => `src/${id}.js`;
const contentOf = (id: string): string => `export const name = '${id}';\n`;
const prompt = (id: string): string => `Create ${fileOf(id)}, which exports its own name as name.`;

type Environment = Readonly<Record<string, string>>;

/**
 * 16 independent one-file subtasks, 4 at a time, 300 ms model latency: the orchestrator with validation, integration,
 * apply and clean-up, against a plain pool of the same `claude -p` calls, each in a worktree of its own.
 */
export const endToEnd: Benchmark = {
  name: 'endtoend',
  question: 'How much longer does a run take than a plain pool of the same claude calls?',
  async measure({ rounds, log }) {
    const place = await realpath(await mkdtemp(join(tmpdir(), 'bench-endtoend-')));
    const server = await startModelServer(scenario());
    try {
      const env = claudeTestEnvironment({ modelUrl: server.url, home: join(place, 'home') });
      const pool: number[] = [];
      const orchestrated: number[] = [];
      // One of each before counting, so that neither pays for cold files.
      for (let round = 0; round <= rounds; round += 1) {
        const poolMs = await timed(join(place, `pool-${round}`), env, runPool);
        const oursMs = await timed(join(place, `ours-${round}`), env, runOrchestrator);
        log(
          `${round === 0 ? 'warm-up' : `round ${round}`}: pool ${Math.round(poolMs)} ms, orchestrator ${Math.round(oursMs)} ms`,
        );
        if (round === 0) continue;
        pool.push(poolMs);
        orchestrated.push(oursMs);
      }
      const ratios = orchestrated.map((ms, index) => ms / (pool[index] ?? Number.NaN));
      const figures = {
        poolMs: Math.round(median(pool)),
        orchestratorMs: Math.round(median(orchestrated)),
        ratios: ratios.map((ratio) => rounded(ratio)),
        ratioMin: rounded(Math.min(...ratios)),
        ratioMax: rounded(Math.max(...ratios)),
        rounds,
        // A ratio taken on a busy machine says little.
        load: rounded(loadavg()[0] ?? Number.NaN, 1),
        processors: availableParallelism(),
      };
      return { figures, aims: [aim('ratio', rounded(median(ratios)), '<=', 1.1)] };
    } finally {
      await server.close();
      await rm(place, { recursive: true, force: true });
    }
  },
};

function scenario() {
  return defineScenario({
    rules: ids.map((id) => ({
      name: id,
      when: { prompt: fileOf(id) },
      answer: [
        { write: { [fileOf(id)]: contentOf(id) }, latencyMs: LATENCY_MS },
        { text: `I wrote ${fileOf(id)}.`, latencyMs: LATENCY_MS },
      ],
    })),
  });
}

/** Milliseconds of the work alone; the repository is made before, and what the work left is compared after. */
async function timed(
  repository: string,
  env: Environment,
  work: (repository: string, env: Environment) => Promise<void>,
): Promise<number> {
  await mkdir(repository, { recursive: true });
  await writeFile(join(repository, 'README.md'), 'A repository to measure in.\n');
  await git(repository, env, 'init', '--quiet', '--initial-branch=main');
  await git(repository, env, 'config', 'user.name', 'Bench');
  await git(repository, env, 'config', 'user.email', 'bench@example.invalid');
  await git(repository, env, 'add', '--all');
  await git(repository, env, 'commit', '--quiet', '--message=Start');
  await writeFile(`${repository}.plan.json`, JSON.stringify(plan()));
  const startedAt = performance.now();
  await work(repository, env);
  const ms = performance.now() - startedAt;
  for (const id of ids) {
    const found = await readFile(join(repository, fileOf(id)), 'utf8');
    if (found !== contentOf(id)) throw new Error(`${fileOf(id)} in ${repository} is not what the model wrote.`);
  }
  return ms;
}

function plan() {
  return {
    version: 1,
    title: 'Sixteen parts',
    subtasks: ids.map((id) => ({
      id,
      title: `Write ${id}`,
      instructions: prompt(id),
      dependsOn: [],
      scope: [fileOf(id)],
      produces: [fileOf(id)],
      estimate: { seconds: 2 },
    })),
  };
}

async function runOrchestrator(repository: string, env: Environment): Promise<void> {
  const args = [
    'run',
    '--plan',
    `${repository}.plan.json`,
    '--yes',
    '--concurrency',
    String(AT_ONCE),
    '--claude',
    claudeExecutable,
    '--json',
  ];
  const code = await exitOf(process.execPath, [CLI, ...args], repository, env);
  if (code !== 0) throw new Error(`The run in ${repository} ended with ${code}.`);
}

async function runPool(repository: string, env: Environment): Promise<void> {
  await mkdir(join(repository, 'src'), { recursive: true });
  const waiting = [...ids];
  const take = async (): Promise<void> => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      const worktree = `${repository}.${id}`;
      await git(repository, env, 'worktree', 'add', '--quiet', '--detach', worktree);
      const args = [
        '-p',
        prompt(id),
        '--output-format',
        'stream-json',
        '--verbose',
        '--permission-mode',
        'acceptEdits',
      ];
      const code = await exitOf(claudeExecutable, args, worktree, env);
      if (code !== 0) throw new Error(`claude for ${id} ended with ${code}.`);
      await cp(join(worktree, fileOf(id)), join(repository, fileOf(id)));
      await git(repository, env, 'worktree', 'remove', '--force', worktree);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, take));
}

function exitOf(command: string, args: readonly string[], cwd: string, env: Environment): Promise<number | null> {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
}

async function git(cwd: string, env: Environment, ...args: string[]): Promise<void> {
  await promisify(execFile)('git', args, { cwd, env });
}
