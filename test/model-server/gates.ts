/** Named gates: an answer with `gate: name` waits until the test opens it. Once open, a gate stays open. */
export class Gates {
  readonly #open = new Set<string>();
  readonly #waiting = new Map<string, Set<() => void>>();

  open(name: string): void {
    this.#open.add(name);
    for (const pass of this.#waiting.get(name) ?? []) pass();
    this.#waiting.delete(name);
  }

  /** Resolves when the gate is open; rejects with the signal's reason when it fires first. */
  async pass(name: string, signal: AbortSignal): Promise<void> {
    if (this.#open.has(name)) return;
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const waiting = this.#waiting.get(name) ?? new Set();
      this.#waiting.set(name, waiting.add(resolve));
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }
}
