/**
 * Decides what happens next. Whatever takes time waits here; one of what waits goes on at a time, chosen from a seed,
 * so that a run in which everything happens in another order is one with another seed.
 */
export class World {
  #random: number;
  readonly #waiting: { readonly what: string; readonly go: () => void }[] = [];
  /** Everything that happened, for a failure's message. */
  readonly history: string[] = [];

  constructor(seed: number) {
    this.#random = seed || 1;
  }

  /** Between 0 and 1, from the seed (xorshift). */
  fraction(): number {
    this.#random ^= this.#random << 13;
    this.#random ^= this.#random >>> 17;
    this.#random ^= this.#random << 5;
    return (this.#random >>> 0) / 2 ** 32;
  }

  /** Takes time: resolves when it is its turn, or rejects as soon as the signal is aborted. */
  takes(what: string, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const entry = { what, go: resolve };
      this.#waiting.push(entry);
      signal?.addEventListener('abort', () => {
        const index = this.#waiting.indexOf(entry);
        if (index >= 0) this.#waiting.splice(index, 1);
        reject(signal.reason);
      });
    });
  }

  /**
   * Lets things happen until the promise is settled. `beforeEach` sees how many things have happened; `atRest` is called
   * when nothing can happen any more, and may make something happen: it returns whether it did.
   */
  async run<T>(promise: Promise<T>, beforeEach: (step: number) => void, atRest: () => boolean): Promise<T> {
    let settled = false;
    const done = promise.finally(() => {
      settled = true;
    });
    done.catch(() => undefined);
    for (let step = 0; ; step += 1) {
      await quiet();
      if (settled) return done;
      beforeEach(step);
      await quiet();
      if (settled) return done;
      if (this.#waiting.length === 0) {
        if (atRest()) continue;
        throw new Error(`The run neither ends nor waits for anything:\n${this.history.join('\n')}`);
      }
      const [next] = this.#waiting.splice(Math.floor(this.fraction() * this.#waiting.length), 1);
      this.history.push(next?.what ?? '');
      next?.go();
    }
  }
}

/** Until all that follows from what just happened has happened: no timer and no file is in this world. */
function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
