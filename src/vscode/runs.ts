import * as vscode from 'vscode';
import { Detached, uncancelled } from '../core/context.ts';
import type { ControlOrder } from '../core/model/control.ts';
import { OrchestratorError } from '../core/model/error.ts';
import type { RunState } from '../core/model/run.ts';
import type { EditorHost, RunOrder } from './host-port.ts';
import { type Driver, isCancellable, type KnownRun } from './known-run.ts';
import type { Repositories } from './repositories.ts';
import { Throttle } from './throttle.ts';
import { t } from './translate.ts';

const REFRESH_MS = 200;

type Start = (onChange: (state: RunState) => void, signal: AbortSignal) => Promise<RunState>;

interface LiveRun {
  readonly host: EditorHost;
  readonly stop: AbortController;
  readonly ended: Promise<RunState>;
  state: RunState | undefined;
}

/** The runs of the workspace: those this window drives as they are now, the others as their journals say. */
export class Runs implements vscode.Disposable {
  readonly #repositories: Repositories;
  readonly #live = new Set<LiveRun>();
  readonly #startedHere = new Set<string>();
  #read: readonly KnownRun[] = [];
  #unreadable: readonly { id: string; problem: string }[] = [];
  #stamp = '';
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #throttle = new Throttle(() => this.#changed.fire(), REFRESH_MS);
  /** At most every 200 ms. */
  readonly onDidChange = this.#changed.event;

  constructor(repositories: Repositories) {
    this.#repositories = repositories;
  }

  /** Newest first. */
  list(): readonly KnownRun[] {
    const live = this.live();
    const ids = new Set(live.map(({ state }) => state.id));
    return [...live, ...this.#read.filter(({ state }) => !ids.has(state.id))].sort(
      (a, b) => b.state.createdAt - a.state.createdAt,
    );
  }

  /** Those that this window drives. */
  live(): readonly KnownRun[] {
    return [...this.#live].flatMap(({ host, state }) => (state ? [known(host, state, 'here')] : []));
  }

  unreadable(): readonly { id: string; problem: string }[] {
    return this.#unreadable;
  }

  find(run: string): KnownRun | undefined {
    return this.list().find(({ state }) => state.id === run);
  }

  /** Whether this window started the run, since it was opened. */
  isStartedHere(run: string): boolean {
    return this.#startedHere.has(run);
  }

  /** Drives a new run to its end. Rejects like `EditorHost.run`. */
  drive(host: EditorHost, order: RunOrder): Promise<RunState> {
    return this.#drive(host, (onChange, signal) => host.run(order, onChange, signal));
  }

  /** Drives a run that nobody drives any more to its end. Rejects like `EditorHost.resume`. */
  resume({ host, state }: KnownRun): Promise<RunState> {
    return this.#drive(host, (onChange, signal) => host.resume(state.id, onChange, signal));
  }

  /** Drives a new run that goes on from a checkpoint to its end. Rejects like `EditorHost.restore`. */
  restore(host: EditorHost, from: { readonly run: string; readonly checkpoint: string }): Promise<RunState> {
    return this.#drive(host, (onChange, signal) => host.restore(from, onChange, signal));
  }

  async #drive(host: EditorHost, start: Start, stop = new AbortController()): Promise<RunState> {
    let live: LiveRun | undefined;
    const onChange = (state: RunState): void => {
      this.#startedHere.add(state.id);
      if (live) live.state = state;
      this.#throttle.request();
    };
    const ended = start(onChange, stop.signal);
    live = { host, stop, ended, state: undefined };
    this.#live.add(live);
    try {
      return await ended;
    } finally {
      this.#live.delete(live);
      await this.reload();
    }
  }

  /**
   * Cancels a run of this window, or ends the workers of one that nobody drives any more: resolves when nothing of it
   * runs. One of another process is cancelled there: resolves when it has begun.
   */
  async cancel(run: string): Promise<void> {
    const live = [...this.#live].find(({ state }) => state?.id === run);
    if (live) {
      live.stop.abort(cancelled());
      await live.ended.catch(() => undefined);
      return;
    }
    const found = this.find(run);
    if (found?.driver === 'elsewhere') {
      await this.ask(run, { type: 'cancel' });
      return;
    }
    if (!found || !isCancellable(found))
      throw new OrchestratorError('run-not-found', t('The run "{0}" is not running.', run));
    const stop = new AbortController();
    stop.abort(cancelled());
    const { host } = found;
    await this.#drive(host, (onChange, signal) => host.resume(run, onChange, signal), stop);
  }

  /** Pauses or resumes every run that somebody drives, here or elsewhere; resolves with how many that changed. */
  async setPaused(paused: boolean): Promise<number> {
    const wrong = this.list().filter(({ state, driver }) => isDriven(driver) && state.paused !== paused);
    for (const { state } of wrong) await this.ask(state.id, { type: paused ? 'pause' : 'unpause' });
    return wrong.length;
  }

  /** Asks something of a run, whoever drives it. Throws when it is refused, saying why. */
  async ask(run: string, order: ControlOrder): Promise<void> {
    const found = this.find(run);
    if (!found) throw new OrchestratorError('run-not-found', t('There is no run "{0}".', run));
    const { outcome, reason } = await found.host.ask(run, order, uncancelled());
    if (found.driver !== 'here') await this.reload();
    if (outcome === 'refused') throw new OrchestratorError('wrong-use', reason);
  }

  /** Removes a run for good. Throws for a run of another process. */
  async discard(run: string): Promise<void> {
    const found = this.find(run);
    if (!found) throw new OrchestratorError('run-not-found', t('There is no run "{0}".', run));
    if (found.driver === 'here') await this.cancel(run);
    try {
      await found.host.discard(run, uncancelled());
    } finally {
      await this.reload();
    }
  }

  /** Leaves the runs of this window to themselves: their workers go on. */
  async detach(): Promise<void> {
    const live = [...this.#live];
    for (const { stop } of live) stop.abort(new Detached());
    await Promise.allSettled(live.map(({ ended }) => ended));
  }

  /** Reads the journals again. */
  async reload(): Promise<void> {
    await this.#reload(await this.#repositories.openAll());
  }

  /** Reads the journals again if one has changed, or if the process that drives a run has come or gone. */
  async reloadIfChanged(): Promise<void> {
    const hosts = await this.#repositories.openAll();
    if (this.#stampOf(hosts) !== this.#stamp) await this.#reload(hosts);
  }

  async #reload(hosts: readonly EditorHost[]): Promise<void> {
    const read = new Map<string, KnownRun>();
    const unreadable = new Map<string, { id: string; problem: string }>();
    for (const host of hosts) {
      const found = host.runs();
      for (const state of found.runs) read.set(state.id, known(host, state, driverOf(host, state)));
      for (const problem of found.unreadable) unreadable.set(problem.id, problem);
    }
    this.#read = [...read.values()];
    this.#unreadable = [...unreadable.values()];
    this.#stamp = this.#stampOf(hosts);
    this.#throttle.request();
  }

  #stampOf(hosts: readonly EditorHost[]): string {
    const open = this.#read.filter(({ driver }) => driver !== undefined);
    const lives = open.map(({ host, state, alive }) =>
      [state.id, driverOf(host, state), ...[...alive].filter((id) => host.isAlive(state.id, id))].join(' '),
    );
    const own = new Set(this.live().map(({ state }) => state.id));
    return [...hosts.map((host) => host.stamp(own)), ...lives].join('\n');
  }

  dispose(): void {
    this.#throttle.dispose();
    this.#changed.dispose();
  }
}

const isDriven = (driver: Driver | undefined): boolean => driver === 'here' || driver === 'elsewhere';

const cancelled = (): OrchestratorError => new OrchestratorError('cancelled', 'It was cancelled.');

function known(host: EditorHost, state: RunState, driver: Driver | undefined): KnownRun {
  const open = [...state.attempts.values()].filter(({ ended }) => ended === undefined);
  const alive = driver === 'here' ? open : open.filter(({ id }) => host.isAlive(state.id, id));
  const freeMb = driver === undefined ? undefined : host.freeMemoryMb();
  return { host, state, driver, alive: new Set(alive.map(({ id }) => id)), freeMb };
}

function driverOf(host: EditorHost, state: RunState): Driver | undefined {
  if (state.endedAt !== undefined) return undefined;
  return host.isDrivenElsewhere(state.id) ? 'elsewhere' : 'nobody';
}
