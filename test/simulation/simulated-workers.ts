import type { AttemptExit, AttemptSpec, ControlLine } from '../../src/core/model/attempt-files.ts';
import type { StreamLine, WorkerHandle, Workers } from '../../src/core/ports/workers.ts';
import type { World } from './world.ts';

/** What a worker does in one attempt. */
export type Behaviour =
  | 'good'
  | 'mends'
  | 'broken'
  | 'asks'
  | 'api-fails'
  | 'no-login'
  | 'dies'
  | 'dies-after-its-turn'
  | 'hangs'
  | 'never-starts';

export interface LiveWorker {
  readonly attempt: string;
  readonly subtask: string;
  readonly cwd: string;
  /** It waits for an answer; its deadline does not come nearer meanwhile. */
  readonly asking: boolean;
  /** Its deadline has passed. */
  expire(): void;
}

interface Options {
  readonly world: World;
  readonly costUsd: number;
  behaviour(subtask: string, number: number): Behaviour;
  work(worktree: string, subtask: string, how: 'whole' | 'broken'): void;
  onLaunching(subtask: string): void;
  onLaunch(worker: LiveWorker): void;
}

export interface SimulatedWorkers extends Workers {
  readonly live: ReadonlyMap<string, LiveWorker>;
}

/** Workers that do what they are told to in memory, with the same frames as the real CLI. */
export function simulatedWorkers(options: Options): SimulatedWorkers {
  const live = new Map<string, LiveWorker>();
  const numbers = new Map<string, number>();
  return {
    live,
    async launch(spec, signal) {
      // Like the real one: once begun it is not cancelled any more, but ended by what follows it.
      signal.throwIfAborted();
      options.onLaunching(spec.title.split(':')[0] ?? '');
      const subtask = spec.title.split(':')[0] ?? '';
      const number = (numbers.get(subtask) ?? 0) + 1;
      numbers.set(subtask, number);
      await options.world.takes(`launch ${spec.attempt}`);
      const behaviour = options.behaviour(subtask, number);
      if (behaviour === 'never-starts') throw new Error('The supervisor of the worker did not start.');
      const worker = new SimulatedWorker(spec, subtask, behaviour, options, () => live.delete(spec.attempt));
      live.set(spec.attempt, worker);
      options.onLaunch(worker);
      return { pid: live.size, handle: worker };
    },
    attach: async () => undefined,
    stderrTail: async () => '',
  };
}

class SimulatedWorker implements WorkerHandle, LiveWorker {
  readonly attempt: string;
  readonly subtask: string;
  readonly cwd: string;
  readonly #behaviour: Behaviour;
  readonly #options: Options;
  readonly #gone: () => void;
  readonly #said: StreamLine[] = [];
  readonly #obeyed = new Set<string>();
  readonly #watchers = new Set<() => void>();
  #exit: AttemptExit | undefined;
  #turns = 0;
  asking = false;

  constructor(spec: AttemptSpec, subtask: string, behaviour: Behaviour, options: Options, gone: () => void) {
    this.attempt = spec.attempt;
    this.cwd = spec.cwd;
    this.subtask = subtask;
    this.#behaviour = behaviour;
    this.#options = options;
    this.#gone = gone;
    void this.#turn();
  }

  async *lines(from: number, signal: AbortSignal): AsyncIterable<StreamLine> {
    for (let index = this.#said.findIndex((line) => line.from >= from); ; ) {
      signal.throwIfAborted();
      if (index < 0) index = 0;
      const line = this.#said[index];
      if (line) {
        index += 1;
        yield line;
      } else if (this.#exit) return;
      else await this.#change(signal);
    }
  }

  async send(line: ControlLine): Promise<void> {
    if (this.#obeyed.has(line.id) || this.#exit) return;
    this.#obeyed.add(line.id);
    if (line.type === 'cancel') void this.#later('cancelled', () => this.#end('cancelled', 143));
    if (line.type === 'finish') {
      const failed = this.#behaviour === 'api-fails' || this.#behaviour === 'no-login';
      void this.#later('finishes', () => this.#end('exited', failed ? 1 : 0));
    }
    if (line.type === 'message') void this.#turn();
    if (line.type === 'permission') this.asking = false;
    if (line.type === 'permission') void this.#later('was answered', () => this.#work());
  }

  async exited(signal: AbortSignal): Promise<AttemptExit> {
    while (!this.#exit) await this.#change(signal);
    return this.#exit;
  }

  expire(): void {
    this.#end('deadline', 143);
  }

  async #turn(): Promise<void> {
    await this.#options.world.takes(`${this.attempt} works`);
    if (this.#exit || this.#behaviour === 'hangs') return;
    this.#turns += 1;
    if (this.#behaviour === 'dies') this.#end('exited', null);
    else if (this.#behaviour === 'asks' && this.#turns === 1) {
      const request = { subtype: 'can_use_tool', tool_name: 'Bash', input: { command: 'ls' } };
      this.asking = true;
      this.#say({ type: 'control_request', request_id: `ask-${this.attempt}`, request });
    } else this.#work();
  }

  #work(): void {
    if (this.#exit) return;
    const whole = this.#behaviour !== 'broken' && (this.#behaviour !== 'mends' || this.#turns > 1);
    this.#options.work(this.cwd, this.subtask, whole ? 'whole' : 'broken');
    const status = { 'api-fails': 529, 'no-login': 401 }[this.#behaviour as string];
    this.#say({
      type: 'result',
      subtype: 'success',
      is_error: status !== undefined,
      api_error_status: status ?? null,
      total_cost_usd: this.#options.costUsd * this.#turns,
    });
    if (this.#behaviour === 'dies-after-its-turn') this.#end('exited', null);
  }

  async #later(what: string, then: () => void): Promise<void> {
    await this.#options.world.takes(`${this.attempt} ${what}`);
    then();
  }

  #say(frame: object): void {
    const from = this.#said.at(-1)?.to ?? 0;
    const text = JSON.stringify(frame);
    this.#said.push({ from, to: from + text.length + 1, text });
    this.#changed();
  }

  #end(reason: AttemptExit['reason'], code: number | null): void {
    if (this.#exit) return;
    this.#exit = { version: 1, code, signal: null, reason, message: `It ended: ${reason}.`, startedAt: 0, endedAt: 0 };
    this.#gone();
    this.#changed();
  }

  #changed(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#watchers.delete(wake);
        resolve();
      };
      if (signal.aborted) wake();
      else signal.addEventListener('abort', wake);
      this.#watchers.add(wake);
    });
  }
}
