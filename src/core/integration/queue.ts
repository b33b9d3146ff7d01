import type { RunContext } from '../context.ts';
import type { Subtask } from '../model/plan.ts';
import { type Entry, integrateBatch } from './batch.ts';

interface Waiting extends Entry {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Accepted results on their way into the integrated tree, in the order in which they came. One batch at a time; what
 * comes while one is being checked is the next.
 */
export class IntegrationQueue {
  readonly #context: RunContext;
  readonly #signal: AbortSignal;
  #waiting: Waiting[] = [];
  #isBusy = false;

  constructor(context: RunContext, signal: AbortSignal) {
    this.#context = context;
    this.#signal = signal;
  }

  /**
   * Resolves when the journal says what came of the result: it is merged, it went back to its worker, or it was given
   * up. Rejects when the integration itself fails or the signal is aborted.
   */
  integrate(subtask: Subtask, attempt: string): Promise<void> {
    const decided = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ subtask, attempt, resolve, reject });
    });
    if (!this.#isBusy) void this.#drain();
    return decided;
  }

  async #drain(): Promise<void> {
    this.#isBusy = true;
    // Results that come at the same moment go together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        const again = new Set(await integrateBatch(this.#context, batch, this.#signal));
        for (const entry of batch) if (!again.has(entry)) entry.resolve();
        // They came before whatever has come since.
        this.#waiting = [...batch.filter((entry) => again.has(entry)), ...this.#waiting];
      } catch (error) {
        for (const entry of batch) entry.reject(error);
      }
    }
    this.#isBusy = false;
  }
}
