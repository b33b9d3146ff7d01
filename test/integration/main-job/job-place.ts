import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, vi } from 'vitest';
import * as z from 'zod';
import { claudeExecutable, claudeTestEnvironment } from '../../model-server/environment.ts';
import { defineScenario, loadScenario } from '../../model-server/scenario.ts';
import type { RuleInput } from '../../model-server/schema.ts';
import { type ModelServer, startModelServer } from '../../model-server/server.ts';

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const cli = file('../../../dist/cli.js');

const attemptSchema = z.looseObject({
  id: z.string(),
  subtask: z.string().nullable(),
  exit: z.number().nullable(),
  outcome: z.string().nullable(),
  detail: z.string().nullable(),
  verdict: z.string().nullable(),
  costUsd: z.number(),
  wallMs: z.number().nullable(),
});
const subtaskSchema = z.looseObject({
  id: z.string(),
  status: z.string(),
  reason: z.string().nullable(),
  attempts: z.array(z.string()),
});
/** What `run --json` prints, as far as the tests look at it. */
export const runSchema = z.looseObject({
  run: z.string(),
  status: z.string(),
  detail: z.string().nullable(),
  integrated: z.string(),
  base: z.string(),
  costUsd: z.number(),
  budgets: z.looseObject({ tokens: z.strictObject({ used: z.number(), committed: z.number(), cap: z.number() }) }),
  subtasks: z.array(subtaskSchema),
  attempts: z.array(attemptSchema),
  checks: z.array(
    z.looseObject({
      name: z.string(),
      command: z.array(z.string()),
      outcome: z.string(),
      exitCode: z.number().nullable(),
      tree: z.string(),
      tail: z.string(),
      flaky: z.number(),
      known: z.boolean(),
    }),
  ),
  applied: z.looseObject({ branch: z.string(), files: z.array(z.looseObject({ path: z.string() })) }).nullable(),
});
export type RunJson = z.infer<typeof runSchema>;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A person's repository (the sample one), a scripted model and a home of their own, all in a temporary folder that is
 * removed when the test ends, with every process that came from it.
 */
export async function jobPlace(rules?: readonly RuleInput[], { name = 'project' }: { name?: string } = {}) {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'main-job-')));
  const root = join(top, name);
  const state = join(top, 'state');
  const home = join(top, 'home');
  cpSync(file('../../sample/repository'), root, { recursive: true });
  const server: ModelServer = await startModelServer(
    rules ? defineScenario({ rules: [...rules] }) : loadScenario(file('../../sample/scenario.yaml')),
  );
  const env = (extra: Readonly<Record<string, string>> = {}) => ({
    ...claudeTestEnvironment({ modelUrl: server.url, home }),
    CLAUDE_ORCHESTRATOR_STATE_HOME: state,
    ...extra,
  });
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=P', '-c', 'user.email=p@example.org', ...args], {
      cwd: root,
      env: env(),
      encoding: 'utf8',
    }).trimEnd();
  git('init', '--quiet', '--initial-branch=main');
  git('add', '-A');
  git('commit', '--quiet', '-m', 'first');
  const running = (): number[] => processesOf(home);
  onTestFinished(async () => {
    for (const pid of running()) process.kill(pid, 'SIGKILL');
    await server.close();
    rmSync(top, { recursive: true, force: true, maxRetries: 5 });
  });
  const start = (
    args: readonly string[],
    extra: Readonly<Record<string, string>> = {},
    cwd = root,
    stdin: 'ignore' | 'pipe' = 'ignore',
  ): ChildProcess =>
    spawn(process.execPath, [cli, ...args], {
      cwd,
      env: env(extra),
      stdio: [stdin, 'pipe', 'pipe'],
      detached: true,
    });
  const command = async (...args: readonly string[]): Promise<Ended> => ended(start(args));
  return {
    root,
    state,
    env,
    server,
    git,
    start,
    command,
    /** Pids of what still runs with this place's home: workers, supervisors, the command line. */
    running,
    /** A supervisor has its last word before its process is gone. */
    noneLeft: () => vi.waitFor(() => expect(running()).toEqual([]), { timeout: 10_000, interval: 20 }),
    /** The same in another folder, relative to the repository. */
    commandIn: async (folder: string, ...args: readonly string[]): Promise<Ended> =>
      ended(start(args, {}, join(root, folder))),
    /** `run` with the real CLI, without asking; the last line of stdout as data. */
    run: async (...args: readonly string[]) => {
      const result = await command('run', '--yes', '--json', '--claude', claudeExecutable, ...args);
      return { ...result, run: parseRun(result) };
    },
    writePlan: (...subtasks: readonly object[]): string => {
      const path = join(top, 'plan.json');
      writeFileSync(path, JSON.stringify({ version: 1, title: 'The plan', subtasks }));
      return path;
    },
    write: (path: string, content: string): void => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    },
    read: (path: string): string => readFileSync(join(root, path), 'utf8'),
    refs: (): string[] =>
      git('for-each-ref', '--format=%(refname)', 'refs/claude-orchestrator').split('\n').filter(Boolean),
    /** Files of worktrees that are left. */
    worktrees: (): string[] =>
      readdirSync(state, { recursive: true, encoding: 'utf8' }).filter((name) => /\/worktrees\/[^/.]+$/.test(name)),
  };
}

export async function ended(child: ChildProcess): Promise<Ended> {
  const { stdout, stderr } = child;
  if (!stdout || !stderr) throw new Error('The command line has no output.');
  const [out, errors, [code]] = await Promise.all([
    text(stdout),
    text(stderr),
    once(child, 'exit') as Promise<[number]>,
  ]);
  return { code, stdout: out, stderr: errors };
}

export function parseRun({ stdout, stderr }: Ended): RunJson {
  const line = stdout.trimEnd().split('\n').at(-1) ?? '';
  if (!line.startsWith('{')) throw new Error(`It printed no run: ${stdout}\n${stderr}`);
  return runSchema.parse(JSON.parse(line));
}

export const subtask = (id: string, more: object = {}) => ({
  id,
  title: `Do ${id}`,
  instructions: `Write ${id}.js.`,
  scope: [`${id}.js`],
  produces: [`${id}.js`],
  ...more,
});

/** A worker that writes `export const ID = 1;` to `ID.js`. */
export const writes = (id: string, content = `export const ${id} = 1;\n`): RuleInput => ({
  name: `${id} writes`,
  when: { role: 'worker', subtask: id },
  answer: [{ write: { [`${id}.js`]: content } }, 'It is there.'],
});

export { claudeExecutable };

/** Linux only: elsewhere nothing shows the environment of a process. */
function processesOf(home: string): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`HOME=${home}`) ? [Number(pid)] : [];
      } catch {
        return [];
      }
    });
}
