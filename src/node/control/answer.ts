import { statSync } from 'node:fs';
import { lockOwner } from '../state/lock.ts';
import { isDrivenElsewhere, journalSegments } from '../state/observe.ts';
import type { StatePaths } from '../state/paths.ts';
import { Changes } from '../supervisor/changes.ts';
import { LineReader } from '../supervisor/tail.ts';

/** Whether a process that lives, another than this, drives the run now. */
export function hasOwner(paths: StatePaths, run: string): boolean {
  return lockOwner(paths.locks) !== undefined && isDrivenElsewhere(paths, run);
}

/** Follows a run's journal from where it is now on, for word of a request. */
export class AnswerWatch {
  readonly #paths: StatePaths;
  readonly #run: string;
  readonly #words: string;
  #file: string | undefined;
  #reader: LineReader | undefined;

  /** To be made before the request is. */
  constructor(paths: StatePaths, run: string, request: string) {
    this.#paths = paths;
    this.#run = run;
    this.#words = `"request":${JSON.stringify(request)}`;
    this.#file = journalSegments(paths, run).at(-1);
    if (this.#file !== undefined) this.#reader = new LineReader(this.#file, statSync(this.#file).size);
  }

  /** Resolves with true once the journal speaks of the request, with false when nobody drives the run any more. */
  async answered(signal: AbortSignal): Promise<boolean> {
    if (this.#file === undefined) return false;
    const changes = new Changes(this.#file, signal);
    try {
      for (;;) {
        signal.throwIfAborted();
        const isOwned = hasOwner(this.#paths, this.#run);
        if (this.#isThere()) return true;
        if (!isOwned) return false;
        await changes.next();
      }
    } finally {
      changes.stop();
    }
  }

  #isThere(): boolean {
    const file = journalSegments(this.#paths, this.#run).at(-1);
    if (file !== this.#file && file !== undefined) {
      this.#file = file;
      this.#reader = new LineReader(file);
    }
    for (;;) {
      const lines = this.#reader?.read() ?? [];
      if (lines.length === 0) return false;
      if (lines.some(({ text }) => text.includes(this.#words))) return true;
    }
  }
}
