import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { OpenOptions } from './driver.ts';
import { privateFolder } from './installation.ts';
import { killTree, processTree, signalProcess } from './process-tree.ts';

/** A running VS Code server. */
export interface ServerProcess {
  readonly pid: number;
  readonly port: number;
  /** Resolves with a description when the server's process has ended. */
  readonly ended: Promise<string>;
  /** As a crash of everything that is the server's own: SIGKILL to its process group, not to what was detached. */
  crash(): Promise<void>;
  /** Ends the server and everything below it. */
  close(): Promise<void>;
}

export interface ServerSetup {
  readonly serverMain: string;
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly trust: NonNullable<OpenOptions['trust']>;
  /** 0 for a free one. */
  readonly port: number;
}

/** A new connection token, and the file that hands it to the server: a command line can be read by other users. */
export async function connectionToken(dataDir: string): Promise<string> {
  const token = randomBytes(24).toString('base64url');
  await writeFile(tokenFile(dataDir), token, { mode: 0o600 });
  return token;
}

function tokenFile(dataDir: string): string {
  return join(dataDir, 'connection-token');
}

/** Where the server build keeps the person's settings, key bindings and states (`User`), and those of the machine. */
export function settingsFolder(dataDir: string, whose: 'User' | 'Machine'): string {
  return join(dataDir, 'server', 'data', whose);
}

/** Starts the server on 127.0.0.1 and resolves when it answers. Throws with its last output when it ends before. */
export async function startServer(setup: ServerSetup, signal?: AbortSignal): Promise<ServerProcess> {
  signal?.throwIfAborted();
  await privateFolder(setup.dataDir);
  const server = spawn(process.execPath, [setup.serverMain, ...flags(setup)], {
    cwd: setup.dataDir,
    env: { ...setup.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
  });
  const ended = new Promise<string>((resolve) => {
    server.once('error', (error) => resolve(error.message));
    server.once('exit', (code, name) => resolve(name === null ? `ended with ${code}` : `was killed by ${name}`));
  });
  const { pid } = server;
  if (pid === undefined) throw new Error(`The VS Code server could not be started: ${await ended}`);
  const guard = spawn(process.execPath, [join(import.meta.dirname, 'guard.ts'), String(pid)], {
    env: {},
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const close = async () => {
    await killTree(pid);
    guard.kill('SIGKILL');
    await ended;
  };
  const onAbort = () => void close();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const port = await readyPort(server, setup.dataDir, ended);
    signal?.throwIfAborted();
    return { pid, port, ended, crash: () => crash(pid, ended), close };
  } catch (error) {
    await close();
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

function flags(setup: ServerSetup): string[] {
  return [
    ...['--host', '127.0.0.1', '--port', String(setup.port), '--connection-token-file', tokenFile(setup.dataDir)],
    ...['--server-data-dir', join(setup.dataDir, 'server'), '--extensions-dir', join(setup.dataDir, 'extensions')],
    '--accept-server-license-terms',
    '--disable-telemetry',
    '--disable-experiments',
    '--disable-update-check',
    '--disable-getting-started-override',
    // The person's shell must not add to the environment that the caller has decided on.
    '--force-disable-user-env',
    // Without it the server ignores which extension is under development.
    '--enable-smoke-test-driver',
    ...(setup.trust === 'disabled' ? ['--disable-workspace-trust'] : []),
  ];
}

/** Copies what the server says to `server.log`, without its token, and resolves with the port when it is ready. */
function readyPort(server: ChildProcess, dataDir: string, ended: Promise<string>): Promise<number> {
  const log = createWriteStream(join(dataDir, 'server.log'), { flags: 'a', mode: 0o600 });
  return new Promise((resolve, reject) => {
    const last: string[] = [];
    const read = (line: string) => {
      const match = /Web UI available at http:\/\/[^:]+:(\d+)/.exec(line);
      if (match) return resolve(Number(match[1]));
      log.write(`${line}\n`);
      last.push(line);
      if (last.length > 20) last.shift();
    };
    for (const stream of [server.stdout, server.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', read);
    }
    void ended.then((how) => {
      log.end();
      reject(new Error(`The VS Code server ${how} before it was ready:\n${last.join('\n')}`));
    });
  });
}

async function crash(pid: number, ended: Promise<string>): Promise<void> {
  if (process.platform === 'win32') return killTree(pid);
  while ((await processTree(pid)).length > 0) signalProcess(-pid, 'SIGKILL');
  await ended;
}
