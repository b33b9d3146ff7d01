import type { RunContext } from '../context.ts';
import type { ControlRequest } from '../model/control.ts';
import { OrchestratorError } from '../model/error.ts';
import { subtaskOf } from '../model/graph-change.ts';
import type { RunState } from '../model/run.ts';
import { settle } from './decide.ts';
import type { WorkInHand } from './work-in-hand.ts';

/**
 * Obeys what people ask of a run while this process drives it: each request once, in the order of its arrival. What it
 * changes and what came of it are recorded together.
 */
export class RunControl {
  readonly #context: RunContext;
  readonly #hands: WorkInHand;
  readonly #stopRun: (reason: unknown) => void;
  #stop: AbortController | undefined;
  #obeying: Promise<void> = Promise.resolve();

  /** @param stopRun ends the run for this reason: the person's cancel, or a journal that can't be written */
  constructor(context: RunContext, hands: WorkInHand, stopRun: (reason: unknown) => void) {
    this.#context = context;
    this.#hands = hands;
    this.#stopRun = stopRun;
  }

  /** Starts to obey. */
  start(): void {
    const stop = new AbortController();
    this.#stop = stop;
    this.#obeying = this.#obey(stop.signal).catch((error: unknown) => {
      if (!stop.signal.aborted) this.#context.logger.error('What is asked of the run can not be read.', error);
    });
  }

  /** Obeys no longer; resolves when what it was at is recorded. Requests that come later wait for `start`. */
  async stop(): Promise<void> {
    this.#stop?.abort();
    await this.#obeying;
  }

  /** The same, but obeys first what is there and was not read yet: an owner may be done before it read anything. */
  async close(): Promise<void> {
    await this.stop();
    for (const request of await this.#context.inbox.present()) await this.#obeyOnce(request);
  }

  async #obey(signal: AbortSignal): Promise<void> {
    for await (const request of this.#context.inbox.requests(signal)) {
      if (signal.aborted) return;
      await this.#obeyOnce(request);
    }
  }

  async #obeyOnce(request: ControlRequest): Promise<void> {
    if (this.#context.journal.state.handled.has(request.id)) return;
    await this.#handle(request).catch(this.#stopRun);
  }

  async #handle(request: ControlRequest): Promise<void> {
    const { journal } = this.#context;
    const settled = settle(journal, request);
    this.#hands.ring();
    const { outcome } = await settled;
    if (outcome === 'refused') return;
    const { order } = request;
    if (order.type === 'cancel') this.#stopRun(new OrchestratorError('cancelled', 'It was cancelled.'));
    if (order.type === 'change' && isEnding(journal.state, subtaskOf(order.change)))
      this.#hands.endWorker(subtaskOf(order.change));
  }
}

function isEnding({ subtasks, attempts }: RunState, id: string): boolean {
  const last = attempts.get(subtasks.get(id)?.attempts.at(-1) ?? '');
  return last?.ending === true && !last.ended;
}
