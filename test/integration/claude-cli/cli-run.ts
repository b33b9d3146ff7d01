import { spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { claudeExecutable, claudeTestEnvironment } from '../../model-server/environment.ts';
import type { ModelServer } from '../../model-server/server.ts';

const frameSchema = z.looseObject({
  type: z.string(),
  subtype: z.string().optional(),
  session_id: z.string().optional(),
  is_error: z.boolean().optional(),
  result: z.string().optional(),
  structured_output: z.unknown().optional(),
  terminal_reason: z.string().optional(),
  api_error_status: z.number().nullish(),
  total_cost_usd: z.number().optional(),
  request_id: z.string().optional(),
  request: z.looseObject({ subtype: z.string(), tool_name: z.string().optional() }).optional(),
  permission_denials: z.array(z.looseObject({ tool_name: z.string() })).optional(),
  tools: z.array(z.string()).optional(),
  mcp_servers: z.array(z.unknown()).optional(),
  apiKeySource: z.string().optional(),
});
export type Frame = z.output<typeof frameSchema>;

/** A temporary folder with a home and a working folder in it; removed when disposed. */
export function temporaryPlace() {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'claude-cli-')));
  return {
    home: join(root, 'home'),
    root,
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true, maxRetries: 5 }),
  };
}

interface CliRunOptions {
  readonly server: ModelServer;
  readonly home: string;
  readonly cwd: string;
  readonly args: readonly string[];
  /** Without it the CLI gets no standard input at all. */
  readonly stdin?: 'pipe';
  readonly extra?: Readonly<Record<string, string>>;
}

const brief = (frame: Frame): string =>
  [frame.type, frame.subtype, frame.request?.subtype, frame.result].filter((part) => part !== undefined).join(' ');

/** Starts the real CLI in its own process group and reads its frames as they come. */
export function startCli(options: CliRunOptions) {
  const child = spawn(claudeExecutable, options.args, {
    cwd: options.cwd,
    env: claudeTestEnvironment({
      modelUrl: options.server.url,
      home: options.home,
      ...(options.extra === undefined ? {} : { extra: options.extra }),
    }),
    stdio: [options.stdin ?? 'ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('The CLI has no output pipes');
  const frames: Frame[] = [];
  const watchers = new Set<() => void>();
  let errors = '';
  let ended = false;
  const changed = () => {
    for (const watcher of [...watchers]) watcher();
  };
  stderr.setEncoding('utf8').on('data', (part: string) => {
    errors += part;
  });
  createInterface({ input: stdout }).on('line', (line) => {
    frames.push(frameSchema.parse(JSON.parse(line)));
    changed();
  });
  const killGroup = () => {
    if (!ended && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  };
  // A test that runs out of time is never disposed of.
  process.once('exit', killGroup);
  const exit = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      ended = true;
      process.off('exit', killGroup);
      resolve({ code, signal });
      changed();
    });
  });

  return {
    pid: child.pid ?? -1,
    frames,
    exit,
    stderr: () => errors,
    results: () => frames.filter((frame) => frame.type === 'result'),
    /** Writes one frame to the CLI. */
    send: (frame: object) => child.stdin?.write(`${JSON.stringify(frame)}\n`),
    say: (text: string) =>
      child.stdin?.write(
        `${JSON.stringify({ type: 'user', message: { role: 'user', content: text }, parent_tool_use_id: null })}\n`,
      ),
    answer: (requestId: string | undefined, response: object) =>
      child.stdin?.write(
        `${JSON.stringify({
          type: 'control_response',
          response: { subtype: 'success', request_id: requestId, response },
        })}\n`,
      ),
    endInput: () => child.stdin?.end(),
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    /** The nth (1-based) frame for which `wanted` holds. Rejects when the CLI ends or 15 s pass without it. */
    frame: (wanted: (frame: Frame) => boolean, nth = 1) =>
      new Promise<Frame>((resolve, reject) => {
        const look = (waitOn = true) => {
          const found = frames.filter(wanted)[nth - 1];
          if (found === undefined && !ended && waitOn) return;
          watchers.delete(look);
          clearTimeout(timer);
          if (found !== undefined) resolve(found);
          else reject(new Error(`That frame did not come; there were: ${frames.map(brief).join(', ')}. ${errors}`));
        };
        const timer = setTimeout(() => look(false), 15_000);
        watchers.add(look);
        look();
      }),
    /** Kills what is left of the process group. */
    [Symbol.asyncDispose]: async () => {
      killGroup();
      await exit;
    },
  };
}

/** The flags of a headless run that prints frames. */
export const printFlags = ['--output-format', 'stream-json', '--verbose', '--permission-mode', 'acceptEdits'] as const;

/** The flags of a run that is talked to through its standard input. */
export const talkFlags = [
  '-p',
  '--input-format',
  'stream-json',
  ...printFlags,
  '--permission-prompt-tool',
  'stdio',
] as const;

export const isResult = (frame: Frame): boolean => frame.type === 'result';
export const asksPermission = (frame: Frame): boolean =>
  frame.type === 'control_request' && frame.request?.subtype === 'can_use_tool';
