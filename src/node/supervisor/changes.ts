import { onChange } from './tail.ts';

/** Waits for the next look at a file; aborted waits end too, and the caller sees the signal. */
export class Changes {
  #wake: (() => void) | undefined;
  readonly #stop: () => void;
  readonly #signal: AbortSignal;
  readonly #onAbort = (): void => this.#wake?.();

  /** `others` are names of files beside it that are looked at as well. */
  constructor(file: string, signal: AbortSignal, others: readonly string[] = []) {
    this.#signal = signal;
    this.#stop = onChange(file, () => this.#wake?.(), others);
    signal.addEventListener('abort', this.#onAbort);
  }

  next(): Promise<void> {
    if (this.#signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  stop(): void {
    this.#stop();
    this.#signal.removeEventListener('abort', this.#onAbort);
  }
}
