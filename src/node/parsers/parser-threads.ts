import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type ParseRequest, ParserFailure, type Parsers, type SyntaxProblem } from '../../core/ports/parsers.ts';
import type { ParseAnswer, ParseJob } from './messages.ts';

export interface ParserThreadsOptions {
  /** The thread's entry: `thread.ts` from source, `parser-thread.js` from a bundle. */
  readonly entry: URL | string;
  /** How many at most; they start when there is work for them. */
  readonly threads?: number;
  /** Longest time for one file, in milliseconds. */
  readonly limitMs?: number;
}

/** Files that have waited for so long get another thread. */
const MORE_AFTER_MS = 100;

interface Waiting {
  readonly job: ParseJob;
  readonly resolve: (problems: readonly SyntaxProblem[]) => void;
  readonly reject: (reason: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  current: Waiting | undefined;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Parsers on a few threads of their own. An idle pool does not keep the process alive. A thread that crashes or takes
 * too long is ended and replaced; only the file it was at is lost.
 */
export class ParserThreads implements Parsers {
  readonly #entry: URL | string;
  readonly #size: number;
  readonly #limitMs: number;
  readonly #threads = new Set<Thread>();
  #queue: Waiting[] = [];
  #nextId = 1;
  #closed = false;
  #more: NodeJS.Timeout | undefined;

  constructor({ entry, threads = Math.min(2, availableParallelism()), limitMs = 20_000 }: ParserThreadsOptions) {
    this.#entry = entry;
    this.#size = threads;
    this.#limitMs = limitMs;
  }

  /** Files come soon: a thread starts meanwhile. */
  expect(): void {
    if (this.#threads.size === 0 && !this.#closed) this.#start();
  }

  async parse(request: ParseRequest, signal?: AbortSignal): Promise<readonly SyntaxProblem[]> {
    signal?.throwIfAborted();
    if (this.#closed) throw new ParserFailure('crashed', 'The parsers were closed.');
    const { promise, resolve, reject } = settleable<readonly SyntaxProblem[]>();
    const { language, path, text } = request;
    const waiting: Waiting = { job: { id: this.#nextId++, language, path, text }, resolve, reject };
    const onAbort = () => {
      this.#queue = this.#queue.filter((other) => other !== waiting);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#queue.push(waiting);
    this.#dispatch();
    try {
      return await promise;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Ends the threads; what is still waiting is rejected with a ParserFailure. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#more);
    const failure = new ParserFailure('crashed', 'The parsers were closed.');
    for (const { reject } of this.#queue.splice(0)) reject(failure);
    await Promise.all([...this.#threads].map((thread) => this.#retire(thread, failure)));
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const isFirst = this.#threads.size === 0;
      const idle = [...this.#threads].find(({ current }) => current === undefined) ?? (isFirst && this.#start());
      const next = idle && this.#queue.shift();
      if (!next) {
        this.#startLater();
        return;
      }
      idle.current = next;
      idle.timer = setTimeout(() => {
        const message = `The ${next.job.language} parser did not finish within ${this.#limitMs / 1000} s.`;
        void this.#retire(idle, new ParserFailure('timed-out', message));
      }, this.#limitMs);
      idle.worker.ref();
      idle.worker.postMessage(next.job);
    }
  }

  /** Most files are parsed in less time than another thread takes to start. */
  #startLater(): void {
    if (this.#more !== undefined || this.#threads.size >= this.#size) return;
    this.#more = setTimeout(() => {
      this.#more = undefined;
      if (this.#queue.length === 0 || this.#threads.size >= this.#size) return;
      this.#start();
      this.#dispatch();
    }, MORE_AFTER_MS);
  }

  #start(): Thread {
    // Deeply nested files need stack; a file that eats up the heap must end its thread and not the process.
    const resourceLimits = { stackSizeMb: 48, maxOldGenerationSizeMb: 2048 };
    const worker = new Worker(this.#entry, { execArgv: [], env: {}, resourceLimits });
    const thread: Thread = { worker, current: undefined, timer: undefined };
    this.#threads.add(thread);
    worker.on('message', (answer: ParseAnswer) => this.#settle(thread, answer));
    worker.on('error', (error) => this.#crash(thread, error.message));
    worker.on('exit', (code) => this.#crash(thread, `its thread ended with code ${code}`));
    // Last: listening to a thread makes it keep the process again.
    worker.unref();
    return thread;
  }

  #settle(thread: Thread, answer: ParseAnswer): void {
    if (thread.current?.job.id !== answer.id) return;
    if ('crash' in answer) {
      this.#crash(thread, answer.crash);
      return;
    }
    this.#release(thread)?.resolve(answer.problems);
    thread.worker.unref();
    this.#dispatch();
  }

  #crash(thread: Thread, detail: string): void {
    const language = thread.current?.job.language ?? 'idle';
    const message = `The ${language} parser crashed, so nothing is known about this file: ${detail}.`;
    void this.#retire(thread, new ParserFailure('crashed', message));
  }

  async #retire(thread: Thread, failure: ParserFailure): Promise<void> {
    if (!this.#threads.delete(thread)) return;
    this.#release(thread)?.reject(failure);
    if (!this.#closed) this.#dispatch();
    await thread.worker.terminate();
  }

  #release(thread: Thread): Waiting | undefined {
    const done = thread.current;
    clearTimeout(thread.timer);
    thread.current = undefined;
    return done;
  }
}

/** Promise.withResolvers, which Node 20 does not have. */
function settleable<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}
