import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import {
  ATTEMPT_FILES,
  ATTEMPT_MARKER,
  type AttemptExit,
  type AttemptSpec,
  type ControlLine,
  controlLineSchema,
} from '../../core/model/attempt-files.ts';
import { ownIdentity } from '../process/identity.ts';
import { killTree, signal } from '../process/tree.ts';
import { Allowance } from './allowance.ts';
import { claimAttempt, readSpec, writeAtomically } from './attempt-folder.ts';
import { workerProcessEnvironment } from './environment.ts';
import { FrameWatch } from './frame-watch.ts';
import { LineReader, onChange } from './tail.ts';

const TICK_MS = 500;
/** A worker gets this long to end by itself before its tree is killed. */
const GRACE_MS = 5_000;
/** A turn whose time is up gets this long to end with figures of what it used. */
const INTERRUPT_MS = 5_000;
/** A worker whose input was closed gets this long: it may still write its session. */
const FINISH_GRACE_MS = 30_000;

/**
 * Runs one attempt: claims it, starts the worker, writes down all that it says, passes on what the orchestrator says,
 * keeps its deadline, and leaves no process behind. Resolves when `exit.json` is written; at once when the attempt is
 * claimed already.
 */
export async function supervise(folder: string): Promise<void> {
  const startedAt = Date.now();
  const claimed = claimAttempt(folder, { version: 1, by: 'supervisor', owner: ownIdentity(), claimedAt: startedAt });
  if (!claimed) return;
  let exit: Omit<AttemptExit, 'version' | 'startedAt' | 'endedAt'>;
  try {
    exit = await new Supervision(folder, readSpec(folder)).run();
  } catch (error) {
    exit = {
      code: null,
      signal: null,
      reason: 'not-started',
      message: error instanceof Error ? error.message : String(error),
    };
  }
  writeAtomically(
    join(folder, ATTEMPT_FILES.exit),
    JSON.stringify({ version: 1, ...exit, startedAt, endedAt: Date.now() }),
  );
}

class Supervision {
  readonly #folder: string;
  readonly #spec: AttemptSpec;
  readonly #obeyed = new Set<string>();
  readonly #frames = new FrameWatch();
  #reason: AttemptExit['reason'] = 'exited';
  /** Why this had to give up on its own. */
  #trouble: string | undefined;
  #unwritable = false;
  #graceEndsAt: number | undefined;
  /** Its time is up and its turn was interrupted: it is ended then, where that has not ended before. */
  #interruptEndsAt: number | undefined;

  constructor(folder: string, spec: AttemptSpec) {
    this.#folder = folder;
    this.#spec = spec;
  }

  async run(): Promise<Omit<AttemptExit, 'version' | 'startedAt' | 'endedAt'>> {
    const stream = openSync(join(this.#folder, ATTEMPT_FILES.stream), 'a', 0o600);
    const errors = openSync(join(this.#folder, ATTEMPT_FILES.stderr), 'a', 0o600);
    const spec = this.#spec;
    const child = spawn(spec.command, spec.args, {
      cwd: spec.cwd,
      env: workerProcessEnvironment(spec, process.env),
      stdio: ['pipe', 'pipe', errors],
      // A process group of its own, which is what gets signalled.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    closeSync(errors);
    const ended = waitForEnd(child);
    child.once('exit', () => {
      // What the worker left running holds its output open, so it goes first.
      this.#kill(child);
      // Where such processes can not be found, the end of the output is not waited for.
      const timer = setTimeout(() => {
        this.#kill(child);
        child.stdout?.destroy();
      }, GRACE_MS);
      child.once('close', () => clearTimeout(timer));
    });
    // A worker that is gone takes no more input; its exit says why.
    child.stdin?.on('error', () => undefined);
    child.stdout?.on('data', (chunk: Buffer) => {
      this.#write(child, stream, chunk);
      this.#frames.push(chunk, performance.now());
    });
    // A closed terminal means nothing here; being told to end ends the worker as well.
    process.on('SIGHUP', () => undefined);
    for (const name of ['SIGTERM', 'SIGINT'] as const) {
      process.on(name, () => {
        this.#trouble ??= `The supervisor was told to end (${name}).`;
        this.#stop(child, 'exited');
      });
    }
    this.#say(child, { type: 'user', message: { role: 'user', content: spec.prompt }, parent_tool_use_id: null });
    const control = new LineReader(join(this.#folder, ATTEMPT_FILES.control));
    const allowance = new Allowance(spec.deadlineMs, 2 * TICK_MS, performance.now());
    const look = (): void => {
      for (let lines = control.read(); lines.length > 0; lines = control.read()) {
        for (const line of lines) this.#obey(child, line.text, allowance);
      }
    };
    const stopLooking = onChange(join(this.#folder, ATTEMPT_FILES.control), look);
    const timer = setInterval(() => this.#tick(child, allowance), TICK_MS);
    look();
    try {
      const { code, signal: name } = await ended;
      const message =
        this.#trouble ?? (name === null ? `The worker ended with code ${code}.` : `The worker was ended by ${name}.`);
      return { code, signal: name, reason: this.#reason, message };
    } finally {
      clearInterval(timer);
      stopLooking();
      fsyncSync(stream);
      closeSync(stream);
    }
  }

  #obey(child: ChildProcess, text: string, allowance: Allowance): void {
    const line = parseControl(text);
    if (!line || this.#obeyed.has(line.id)) return;
    this.#obeyed.add(line.id);
    switch (line.type) {
      case 'message':
        this.#frames.turnBegins();
        this.#say(child, { type: 'user', message: { role: 'user', content: line.text }, parent_tool_use_id: null });
        return;
      case 'permission':
        this.#frames.answered(line.requestId);
        this.#say(child, {
          type: 'control_response',
          response: { subtype: 'success', request_id: line.requestId, response: line.decision },
        });
        return;
      case 'interrupt':
        this.#interrupt(child, line.id);
        return;
      case 'finish':
        child.stdin?.end();
        this.#graceEndsAt ??= performance.now() + FINISH_GRACE_MS;
        return;
      case 'cancel':
        this.#stop(child, 'cancelled');
        return;
      case 'deadline':
        allowance.renew(line.deadlineMs);
        return;
    }
  }

  /** Appends all of a chunk. A worker whose words can't be kept is ended: nobody could tell what it did. */
  #write(child: ChildProcess, stream: number, chunk: Buffer): void {
    if (this.#unwritable) return;
    try {
      for (let at = 0; at < chunk.length; ) at += writeSync(stream, chunk, at);
    } catch (error) {
      this.#unwritable = true;
      this.#trouble = `What the worker says could not be written: ${error instanceof Error ? error.message : error}.`;
      this.#kill(child);
    }
  }

  #tick(child: ChildProcess, allowance: Allowance): void {
    const now = performance.now();
    const idleSince = this.#frames.idleSince;
    if (this.#graceEndsAt !== undefined) {
      if (now >= this.#graceEndsAt) this.#kill(child);
    } else if (!existsSync(this.#folder)) {
      // Nobody can read what it does any more, nor tell it to end.
      this.#trouble ??= 'The folder of the attempt is gone.';
      this.#stop(child, 'exited');
    } else if (this.#interruptEndsAt !== undefined) {
      if (idleSince !== undefined || now >= this.#interruptEndsAt) this.#stop(child, 'deadline');
    } else if (allowance.tick(now, this.#frames.asking || idleSince !== undefined)) {
      // Whoever is told to end at once says nothing of what it has used.
      this.#reason = 'deadline';
      this.#interruptEndsAt = now + INTERRUPT_MS;
      this.#interrupt(child, 'deadline');
    } else if (idleSince !== undefined && now - idleSince > this.#spec.idleMs) {
      child.stdin?.end();
      this.#graceEndsAt = now + FINISH_GRACE_MS;
    }
  }

  #interrupt(child: ChildProcess, id: string): void {
    this.#say(child, { type: 'control_request', request_id: id, request: { subtype: 'interrupt' } });
  }

  #stop(child: ChildProcess, reason: AttemptExit['reason']): void {
    this.#reason = reason;
    this.#graceEndsAt = Math.min(this.#graceEndsAt ?? Number.POSITIVE_INFINITY, performance.now() + GRACE_MS);
    if (child.pid !== undefined) signal(process.platform === 'win32' ? child.pid : -child.pid, 'SIGTERM');
  }

  #kill(child: ChildProcess): void {
    if (child.pid !== undefined) killTree(child.pid, `${ATTEMPT_MARKER}=${this.#spec.attempt}`);
  }

  #say(child: ChildProcess, message: unknown): void {
    // A path that is no UTF-8 has surrogates of their own in it, which the API refuses.
    const wellFormed = (_key: string, value: unknown): unknown =>
      typeof value === 'string' ? value.toWellFormed() : value;
    if (child.stdin?.writable) child.stdin.write(`${JSON.stringify(message, wellFormed)}\n`);
  }
}

function waitForEnd(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, name) => resolve({ code, signal: name }));
  });
}

function parseControl(text: string): ControlLine | undefined {
  try {
    const parsed = controlLineSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
