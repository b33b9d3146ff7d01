import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ATTEMPT_FILES,
  ATTEMPT_MARKER,
  type AttemptClaim,
  type AttemptExit,
  type AttemptSpec,
  type ControlLine,
} from '../../core/model/attempt-files.ts';
import { OrchestratorError } from '../../core/model/error.ts';
import type { StreamLine, WorkerHandle, Workers } from '../../core/ports/workers.ts';
import { removeDrafts } from '../process/drafts.ts';
import { isAlive, ownIdentity } from '../process/identity.ts';
import { killMarked } from '../process/tree.ts';
import { unwritable } from '../state/paths.ts';
import { claimAttempt, readClaim, readExit, writeAtomically } from '../supervisor/attempt-folder.ts';
import { Changes } from '../supervisor/changes.ts';
import { LineReader } from '../supervisor/tail.ts';

/** Starts the supervisor of the attempt in this folder and returns at once; in the editor, in a terminal. */
export interface StartSupervisor {
  (folder: string, spec: AttemptSpec): Promise<void>;
  /** One will be started soon. */
  readonly expect?: () => void;
}

/** A supervisor that has not claimed its attempt by then is not coming. */
const CLAIM_MS = 20_000;
const NEVER: AbortSignal = new AbortController().signal;

/**
 * Workers by their attempts' files. The orchestrator only reads these files and appends to `control.ndjson`, so a
 * worker that was started by another process looks the same as one's own.
 *
 * @param folderOf folder of an attempt's files
 */
export function attemptWorkers(folderOf: (attempt: string) => string, start: StartSupervisor): Workers {
  return {
    expect: () => start.expect?.(),
    async launch(spec, signal) {
      signal.throwIfAborted();
      const folder = folderOf(spec.attempt);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      writeAtomically(join(folder, ATTEMPT_FILES.spec), JSON.stringify(spec));
      await start(folder, spec);
      // Not cancelled any more: once started, the attempt is ended by what follows it.
      return { pid: await claimed(folder), handle: new FolderHandle(folder, spec.attempt) };
    },
    async attach(attempt) {
      const folder = folderOf(attempt);
      removeDrafts(folder);
      if (!existsSync(join(folder, ATTEMPT_FILES.spec))) return undefined;
      // Whoever wins this creation decides: a supervisor that comes later finds the attempt taken.
      const abandoned = claimAttempt(folder, {
        version: 1,
        by: 'abandoned',
        owner: ownIdentity(),
        claimedAt: Date.now(),
      });
      return abandoned || readClaim(folder)?.by === 'abandoned' ? undefined : new FolderHandle(folder, attempt);
    },
    async look(attempt) {
      const folder = folderOf(attempt);
      const claim = readClaim(folder);
      const lives = claim?.by === 'supervisor' && isAlive(claim.owner);
      // Read after that: it may have written its last word between the two.
      const exit = readExit(folder);
      const startedAt = claim?.by === 'supervisor' ? claim.claimedAt : undefined;
      return { lives: lives && !exit, startedAt, endedAt: exit?.endedAt };
    },
    async stderrTail(attempt) {
      return tailOf(join(folderOf(attempt), ATTEMPT_FILES.stderr), 2_000);
    },
  };
}

/** A supervisor that is gone is noticed by a look at its process, which is not worth it at each line of its worker. */
const LOOK_AT_PROCESS_MS = 500;

class FolderHandle implements WorkerHandle {
  readonly #folder: string;
  readonly #attempt: string;
  /** What it once is it stays. */
  #claim: AttemptClaim | undefined;
  #exit: AttemptExit | undefined;
  #lastLook = Number.NEGATIVE_INFINITY;

  constructor(folder: string, attempt: string) {
    this.#folder = folder;
    this.#attempt = attempt;
  }

  async *lines(from: number, signal: AbortSignal): AsyncIterable<StreamLine> {
    const file = join(this.#folder, ATTEMPT_FILES.stream);
    const reader = new LineReader(file, from);
    const changes = new Changes(file, signal, [ATTEMPT_FILES.exit]);
    try {
      for (;;) {
        signal.throwIfAborted();
        // Asked first: what was written before the end is then read before this returns.
        const ended = this.#end() !== undefined;
        let some = false;
        for (let lines = reader.read(); lines.length > 0; lines = reader.read()) {
          some = true;
          for (const line of lines) {
            signal.throwIfAborted();
            yield line;
          }
        }
        if (ended) return;
        if (!some) await changes.next();
      }
    } finally {
      changes.stop();
    }
  }

  async send(line: ControlLine): Promise<void> {
    // A line end goes first too: what a writer that died left unfinished must not swallow this.
    const file = join(this.#folder, ATTEMPT_FILES.control);
    await appendFile(file, `\n${JSON.stringify(line)}\n`, { mode: 0o600 }).catch((cause: unknown) => {
      throw unwritable(this.#folder, cause);
    });
  }

  async exited(signal: AbortSignal): Promise<AttemptExit> {
    const changes = new Changes(join(this.#folder, ATTEMPT_FILES.exit), signal);
    try {
      for (;;) {
        signal.throwIfAborted();
        const exit = this.#end();
        if (exit) return exit;
        await changes.next();
      }
    } finally {
      changes.stop();
    }
  }

  /** How the attempt ended; undefined while its supervisor lives. */
  #end(): AttemptExit | undefined {
    this.#exit ??= readExit(this.#folder);
    this.#claim ??= readClaim(this.#folder);
    const now = performance.now();
    if (this.#exit || !this.#claim || now - this.#lastLook < LOOK_AT_PROCESS_MS) return this.#exit;
    this.#lastLook = now;
    // It may have written its last word between the two looks.
    if (!isAlive(this.#claim.owner)) this.#exit = readExit(this.#folder) ?? abandonedBy(this.#claim, this.#attempt);
    return this.#exit;
  }
}

/** A supervisor that died left its worker to itself: another attempt must not run beside it. */
function abandonedBy(claim: AttemptClaim, attempt: string): AttemptExit {
  killMarked(`${ATTEMPT_MARKER}=${attempt}`);
  const message = 'The supervisor of the worker is gone.';
  const { claimedAt: startedAt } = claim;
  return { version: 1, code: null, signal: null, reason: 'lost', message, startedAt, endedAt: Date.now() };
}

async function claimed(folder: string): Promise<number> {
  const until = Date.now() + CLAIM_MS;
  const changes = new Changes(join(folder, ATTEMPT_FILES.claim), NEVER);
  try {
    for (;;) {
      const claim = readClaim(folder);
      if (claim?.by === 'supervisor') return claim.owner.pid;
      if (claim) throw new OrchestratorError('claude-failed', 'Another process has taken the attempt away.');
      // Taking the claim away makes sure that a supervisor which comes late does nothing.
      if (
        Date.now() > until &&
        claimAttempt(folder, { version: 1, by: 'abandoned', owner: ownIdentity(), claimedAt: Date.now() })
      ) {
        throw new OrchestratorError('claude-failed', 'The supervisor of the worker did not start.', {
          fix: 'Look at the terminal or the log of the worker.',
        });
      }
      await changes.next();
    }
  } finally {
    changes.stop();
  }
}

function tailOf(file: string, bytes: number): string {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    return '';
  }
  try {
    const { size } = fstatSync(descriptor);
    const buffer = Buffer.alloc(Math.min(size, bytes));
    readSync(descriptor, buffer, 0, buffer.length, size - buffer.length);
    const text = buffer.toString('utf8');
    // A line that was cut may hold half a secret, which nobody recognises.
    return size > bytes ? text.slice(text.indexOf('\n') + 1) : text;
  } finally {
    closeSync(descriptor);
  }
}
