import type { ProcessIdentity } from '../../src/core/model/attempt-files.ts';
import { Stream } from './stream.ts';

/** A process of the simulated machine: an owner of the run, or a supervisor with its worker. */
export interface Process {
  readonly identity: ProcessIdentity;
  alive: boolean;
  /** It stands still until then: a laptop that sleeps, a process that was stopped. */
  frozenUntil: number;
}

interface Pending {
  due: number;
  readonly order: number;
  readonly what: string;
  readonly process: Process | undefined;
  readonly go: () => void;
  gone: boolean;
}

/** How long something takes, in milliseconds. */
export type Duration = readonly [least: number, most: number];

const SHORT: Duration = [1, 20];

/** More than this and the run goes round in circles. */
const MOST_EVENTS = 120_000;

/** 2026-01-01: where the wall clock starts. */
const EPOCH_MS = 1_767_225_600_000;

/** A promise for a process that is gone: what waited for it never goes on. */
const never = (): Promise<never> => new Promise(() => undefined);

/**
 * Time and order. Whatever takes time waits here until its virtual moment, and one thing happens at a time. All times
 * follow from the seed, so the same case happens again exactly.
 */
export class World {
  /** Milliseconds since the start, on a clock that never jumps. */
  now = 0;
  /** What the wall clock shows besides; it may jump. */
  wallOffset = EPOCH_MS;
  readonly random: Stream;
  /** Everything that happened: moment and what. */
  readonly history: [number, string][] = [];
  /** Told at every named point, before what waits there goes on. */
  onPoint: (name: string, process: Process | undefined) => void = () => undefined;
  events = 0;
  #order = 0;
  #pids = 100;
  #boot = 1;
  #ids = 0;
  readonly #waiting: Pending[] = [];
  readonly #processes = new Set<Process>();

  constructor(seed: number) {
    this.random = new Stream(seed);
  }

  wallClock(): number {
    return this.now + this.wallOffset;
  }

  id(): string {
    this.#ids += 1;
    return this.#ids.toString(36);
  }

  process(): Process {
    this.#pids += 1;
    const identity = { pid: this.#pids, startTime: String(this.now), bootId: `boot-${this.#boot}`, host: 'machine' };
    const process = { identity, alive: true, frozenUntil: 0 };
    this.#processes.add(process);
    return process;
  }

  kill(process: Process): void {
    process.alive = false;
    this.#processes.delete(process);
  }

  /** Every process is gone, and the machine comes up again. */
  powerLoss(): void {
    for (const process of this.#processes) process.alive = false;
    this.#processes.clear();
    this.#boot += 1;
  }

  /** Happens after a while, unless its process is gone by then. Returns how to call it off. */
  later(what: string, process: Process | undefined, [least, most]: Duration, go: () => void): () => void {
    const due = this.now + (most > least ? least + this.random.fraction() * (most - least) : least);
    this.#order += 1;
    const entry: Pending = { due, order: this.#order, what, process, go, gone: false };
    this.#waiting.push(entry);
    return () => {
      entry.gone = true;
    };
  }

  /** Resolves after a while; rejects as soon as the signal is aborted; never settles for a process that is gone. */
  takes(what: string, process: Process, signal?: AbortSignal, duration: Duration = SHORT): Promise<void> {
    if (!process.alive) return never();
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = (): void => {
        callOff();
        if (process.alive) reject(signal?.reason);
      };
      const callOff = this.later(what, process, duration, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** A named moment at which faults may strike; resolves at once, or never when the process did not outlive it. */
  async point(name: string, process: Process): Promise<void> {
    this.onPoint(name, process);
    if (!process.alive) await never();
  }

  /** What waits for a process that is gone never goes on. */
  async survive(process: Process): Promise<void> {
    if (!process.alive) await never();
  }

  /** Lets the next thing happen and all that follows from it at once; false when nothing waits. */
  async step(): Promise<boolean> {
    const next = this.#next();
    if (!next) return false;
    this.now = Math.max(this.now, next.due);
    this.events += 1;
    if (this.events > MOST_EVENTS) throw new Error('It never comes to an end.');
    this.history.push([this.now, next.what]);
    next.go();
    await quiet();
    return true;
  }

  #next(): Pending | undefined {
    const waiting = this.#waiting;
    for (;;) {
      let best = -1;
      for (let index = waiting.length - 1; index >= 0; index -= 1) {
        const entry = waiting[index] as Pending;
        if (entry.gone || entry.process?.alive === false) {
          waiting[index] = waiting.at(-1) as Pending;
          waiting.pop();
          if (best === waiting.length) best = index;
          continue;
        }
        const other = waiting[best];
        if (!other || entry.due < other.due || (entry.due === other.due && entry.order < other.order)) best = index;
      }
      const found = waiting[best];
      if (!found) return undefined;
      const frozenUntil = found.process?.frozenUntil ?? 0;
      if (frozenUntil > found.due) {
        found.due = frozenUntil;
        continue;
      }
      waiting[best] = waiting.at(-1) as Pending;
      waiting.pop();
      return found;
    }
  }
}

/** Until all that follows from what just happened has happened: no timer and no file is in this world. */
export function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
