import { OrchestratorError } from '../model/error.ts';

interface Work {
  readonly stop: AbortController;
  ended: Promise<void>;
}

/** The subtasks that the orchestrator works on now, also where the journal has no word of it yet. */
export class WorkInHand {
  readonly #work = new Map<string, Work>();
  #failure: { readonly error: unknown } | undefined;
  #hasNews = false;
  #wake: (() => void) | undefined;

  get size(): number {
    return this.#work.size;
  }

  ids(): Iterable<string> {
    return this.#work.keys();
  }

  /**
   * `work` gets a signal that `endWorker` aborts too; that it ends for this is no failure. `left` is called in the very
   * moment in which the subtask is out of hand: whoever looks sees both or neither. Throws while it is in hand.
   */
  begin(id: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<void>, left: () => void): void {
    if (this.#work.has(id)) throw new OrchestratorError('internal', `"${id}" is worked on already.`);
    const stop = new AbortController();
    const begun: Work = { stop, ended: Promise.resolve() };
    this.#work.set(id, begun);
    begun.ended = work(AbortSignal.any([signal, stop.signal]))
      .catch((error: unknown) => {
        const isAsWanted = stop.signal.aborted && !signal.aborted && error === stop.signal.reason;
        if (!isAsWanted) this.#failure ??= { error };
      })
      .finally(() => {
        this.#work.delete(id);
        left();
        this.ring();
      });
  }

  /** Ends what is done for a subtask; the run goes on. */
  endWorker(id: string): void {
    this.#work.get(id)?.stop.abort(new OrchestratorError('cancelled', 'Its worker was ended by a person.'));
  }

  /** Lets `news` look again. */
  ring(): void {
    this.#hasNews = true;
    this.#wake?.();
  }

  /** Resolves once some work has ended or somebody rang, since it was asked last; rejects with what went wrong. */
  async news(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.#hasNews) await this.#rung(signal);
    this.#hasNews = false;
    signal.throwIfAborted();
    if (this.#failure) throw this.#failure.error;
  }

  #rung(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#wake = undefined;
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#wake = wake;
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  /** Resolves when nothing is done any more, however it ended. */
  async allEnded(): Promise<void> {
    await Promise.all([...this.#work.values()].map(({ ended }) => ended));
  }
}
