import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { AttemptSpec } from '../../../src/core/model/attempt-files.ts';
import { killMarked } from '../../../src/node/process/tree.ts';
import { attemptWorkers } from '../../../src/node/workers/attempt-workers.ts';
import { detachedSupervisor } from '../../../src/node/workers/detached-supervisor.ts';

export const workerScript = fileURLToPath(new URL('../../../dist/worker.js', import.meta.url));
const fakeClaude = fileURLToPath(new URL('./fake-claude.mjs', import.meta.url));
export const NEVER: AbortSignal = new AbortController().signal;

let places = 0;

/** Folders for one attempt; what is left of it is ended and removed when the test ends. */
export function attemptPlace() {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'attempt-')));
  places += 1;
  const attempt = `test-${process.pid}-${places}`;
  const marker = `CLAUDE_ORCHESTRATOR_ATTEMPT=${attempt}`;
  const folder = join(root, 'attempt');
  const notes = join(root, 'notes');
  mkdirSync(folder);
  writeFileSync(notes, '');
  onTestFinished(() => {
    killMarked(marker);
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  });
  return {
    root,
    attempt,
    folder,
    /** What the fake CLI wrote down. */
    notes: () => readFileSync(notes, 'utf8').split('\n').slice(0, -1),
    /** Pids of this attempt's worker and of all that comes from it. */
    left: () => marked(marker),
    spec: (steps: readonly string[], more: Partial<AttemptSpec> = {}): AttemptSpec => ({
      version: 1,
      attempt,
      title: 'A test',
      command: process.execPath,
      args: [fakeClaude, root, ...steps],
      cwd: root,
      prompt: 'Do it.',
      environmentNames: ['PATH', 'HOME'],
      environment: { CLAUDE_ORCHESTRATOR_ATTEMPT: attempt },
      deadlineMs: 60_000,
      idleMs: 60_000,
      ...more,
    }),
    workers: attemptWorkers(() => folder, detachedSupervisor(workerScript)),
    stream: () => readFileSync(join(folder, 'stream.ndjson'), 'utf8'),
    writeSpec: (spec: object) => writeFileSync(join(folder, 'spec.json'), JSON.stringify(spec)),
    exit: () => JSON.parse(readFileSync(join(folder, 'exit.json'), 'utf8')) as Record<string, unknown>,
  };
}

/** Runs the supervisor, or with another verb the viewer, in this process's own group. */
export function runWorkerScript(verb: string, folder: string, env: NodeJS.ProcessEnv = process.env): ChildProcess {
  return spawn(process.execPath, [workerScript, verb, folder], { stdio: ['ignore', 'pipe', 'pipe'], env });
}

export function marked(marker: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(marker) ? [Number(pid)] : [];
      } catch {
        return [];
      }
    });
}

/** Waits until something holds; rejects with `what` after 15 s. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const end = Date.now() + 15_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`It did not happen: ${what}`);
    await sleep(20);
  }
}
