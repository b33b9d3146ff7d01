import type { AttemptExit, AttemptSpec } from '../../src/core/model/attempt-files.ts';
import { OrchestratorError } from '../../src/core/model/error.ts';
import type { StreamLine, WorkerHandle, Workers } from '../../src/core/ports/workers.ts';
import type { Behaviour } from './case.ts';
import type { PlantedBug } from './planted-bug.ts';
import { type AttemptFolder, type Bill, changed, Supervisor, type SupervisorOptions } from './supervisor.ts';
import type { Process } from './world.ts';

/** As in the product: a supervisor that has not claimed its attempt by then is not coming. */
const CLAIM_MS = 20_000;
/** Only with a bug: without a sign of life for so long, a process is taken for dead. */
export const HEARTBEAT_MS = 15 * 60_000;

export interface WorkersOptions extends SupervisorOptions {
  readonly bug: PlantedBug | undefined;
  /** What a worker for a subtask does in its nth attempt that was launched. */
  behaviour(subtask: string, number: number): Behaviour;
  onLaunching(attempt: string, subtask: string): void;
  /** A supervisor claimed the attempt, or goes on without having won. */
  onStart(folder: AttemptFolder, won: boolean): void;
  onLost(folder: AttemptFolder): void;
  onSend(attempt: string, line: AttemptFolder['control'][number]): void;
}

/** All attempts of the machine and the supervisors that run them. */
export class SimulatedMachine {
  readonly folders = new Map<string, AttemptFolder>();
  readonly live = new Map<string, Supervisor>();
  readonly launches = new Map<string, number>();
  readonly #options: WorkersOptions;
  /** Of the machine's sessions. */
  readonly #bills = new Map<string, Bill>();

  constructor(options: WorkersOptions) {
    this.#options = options;
  }

  /** Everything on the machine is gone; what a worker said last was perhaps not on disk yet. */
  powerLoss(): void {
    for (const { folder } of this.live.values()) {
      const { world } = this.#options;
      folder.lostAt = world.now;
      if (world.random.chance(0.5)) {
        folder.stream.splice(world.random.int(0, folder.stream.length));
        folder.truncated = true;
      }
    }
    this.live.clear();
  }

  lose(supervisor: Supervisor): void {
    this.#options.world.kill(supervisor.process);
    this.gone(supervisor.folder);
    changed(supervisor.folder, this.#options.world);
  }

  gone(folder: AttemptFolder): void {
    if (!folder.exit) folder.lostAt = this.#options.world.now;
    this.live.delete(folder.spec.attempt);
  }

  /** Writes an attempt's files. */
  prepare(spec: AttemptSpec): AttemptFolder {
    const folder = newFolder(spec, subtaskOf(spec), this.#options.world.now);
    this.folders.set(spec.attempt, folder);
    return folder;
  }

  /** A supervisor comes up and claims its attempt, sooner or later. */
  start(folder: AttemptFolder, behaviour: Behaviour): void {
    const { world, bug } = this.#options;
    if (behaviour === 'never-starts') return;
    const process = world.process();
    const late = behaviour === 'starts-late';
    world.later(`${folder.spec.attempt} claims`, process, late ? [CLAIM_MS / 2, CLAIM_MS * 3] : [5, 300], () => {
      world.onPoint('claim/before', process);
      if (!process.alive) return;
      const won = folder.claim === undefined;
      if (!won && bug !== 'claim-not-exclusive') {
        world.kill(process);
        return;
      }
      folder.claim = { by: 'supervisor', owner: process, at: this.#options.world.wallClock() };
      folder.heartbeatAt = world.now;
      this.#options.onStart(folder, won);
      this.live.set(
        folder.spec.attempt,
        new Supervisor(
          folder,
          process,
          behaviour,
          { ...this.#options, onEnd: (ended) => this.#ended(ended) },
          this.#bills,
        ),
      );
      changed(folder, world);
    });
  }

  /** How the attempt ended; undefined while its supervisor lives. */
  endOf(folder: AttemptFolder): AttemptExit | undefined {
    if (folder.exit) return folder.exit;
    if (!folder.claim) return undefined;
    const { world, bug } = this.#options;
    const silentMs = world.now - folder.heartbeatAt;
    const lost = bug === 'lease-by-heartbeat' ? silentMs > HEARTBEAT_MS : !folder.claim.owner.alive;
    if (!lost) return undefined;
    this.#options.onLost(folder);
    const at = world.wallClock();
    const message = 'The supervisor of the worker is gone.';
    return { version: 1, code: null, signal: null, reason: 'lost', message, startedAt: at, endedAt: at };
  }

  folder(attempt: string): AttemptFolder {
    const folder = this.folders.get(attempt);
    if (!folder) throw new Error(`There is no folder of ${attempt}.`);
    return folder;
  }

  #ended(folder: AttemptFolder): void {
    this.gone(folder);
    this.#options.onEnd(folder);
  }

  /** The machine's workers as an owner of the run sees them. */
  for(process: Process): Workers {
    const { world, behaviour } = this.#options;
    return {
      expect: () => undefined,
      launch: async (spec, signal) => {
        signal.throwIfAborted();
        const subtask = subtaskOf(spec);
        this.#options.onLaunching(spec.attempt, subtask);
        await world.takes(`launch ${spec.attempt}`, process);
        await world.point('launch/before', process);
        const number = (this.launches.get(subtask) ?? 0) + 1;
        this.launches.set(subtask, number);
        const folder = this.prepare(spec);
        await world.point('launch/between', process);
        this.start(folder, behaviour(subtask, number));
        await world.point('launch/after', process);
        await this.#claimed(folder, process);
        return {
          pid: folder.claim?.owner.identity.pid ?? 0,
          handle: new FolderHandle(this, this.#options, folder, process),
        };
      },
      attach: async (attempt) => {
        await world.takes(`attach ${attempt}`, process);
        await world.point('attach/before', process);
        const folder = this.folders.get(attempt);
        if (!folder) return undefined;
        folder.claim ??= { by: 'abandoned', owner: process };
        await world.point('attach/after', process);
        return folder.claim.by === 'abandoned' ? undefined : new FolderHandle(this, this.#options, folder, process);
      },
      look: async (attempt) => {
        await world.takes(`look for ${attempt}`, process);
        const { claim, exit } = this.folders.get(attempt) ?? {};
        const lives = claim?.by === 'supervisor' && claim.owner.alive && !exit;
        return { lives, startedAt: claim?.at, endedAt: exit?.endedAt };
      },
      stderrTail: async () => '',
    };
  }

  async #claimed(folder: AttemptFolder, process: Process): Promise<void> {
    const { world } = this.#options;
    const until = world.now + CLAIM_MS;
    while (!folder.claim) {
      if (world.now >= until) {
        folder.claim = { by: 'abandoned', owner: process };
        throw new OrchestratorError('claude-failed', 'The supervisor of the worker did not start.');
      }
      await change(folder, world, process, undefined, until - world.now);
    }
    if (folder.claim.by === 'abandoned')
      throw new OrchestratorError('claude-failed', 'Another process has taken the attempt away.');
  }
}

class FolderHandle implements WorkerHandle {
  readonly #machine: SimulatedMachine;
  readonly #options: WorkersOptions;
  readonly #folder: AttemptFolder;
  readonly #process: Process;

  constructor(machine: SimulatedMachine, options: WorkersOptions, folder: AttemptFolder, process: Process) {
    this.#machine = machine;
    this.#options = options;
    this.#folder = folder;
    this.#process = process;
  }

  async *lines(from: number, signal: AbortSignal): AsyncIterable<StreamLine> {
    const { world } = this.#options;
    for (let index = 0; ; ) {
      signal.throwIfAborted();
      const ended = this.#machine.endOf(this.#folder) !== undefined;
      const line = this.#folder.stream[index];
      if (line) {
        index += 1;
        if (line.from < from) continue;
        await world.takes(`${this.#folder.spec.attempt} is read`, this.#process, signal, [1, 200]);
        await world.point('line/before', this.#process);
        yield line;
      } else if (ended) return;
      else await change(this.#folder, world, this.#process, signal);
    }
  }

  async send(line: AttemptFolder['control'][number]): Promise<void> {
    const { world } = this.#options;
    await world.takes(`tell ${this.#folder.spec.attempt} ${line.type}`, this.#process);
    await world.point('send/before', this.#process);
    this.#options.onSend(this.#folder.spec.attempt, line);
    this.#folder.control.push(line);
    changed(this.#folder, world);
    await world.point('send/after', this.#process);
  }

  async exited(signal: AbortSignal): Promise<AttemptExit> {
    for (;;) {
      signal.throwIfAborted();
      const exit = this.#machine.endOf(this.#folder);
      if (exit) return exit;
      await change(this.#folder, this.#options.world, this.#process, signal);
    }
  }
}

/** Until something changes in the folder, or it is time to look again as the product does. */
function change(
  folder: AttemptFolder,
  world: SupervisorOptions['world'],
  process: Process,
  signal?: AbortSignal,
  mostMs = 10 * 60_000,
): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      folder.watchers.delete(wake);
      signal?.removeEventListener('abort', wake);
      callOff();
      if (process.alive) resolve();
    };
    const callOff = world.later(`look at ${folder.spec.attempt}`, process, [mostMs, mostMs], wake);
    if (signal?.aborted) wake();
    else signal?.addEventListener('abort', wake);
    folder.watchers.add(wake);
  });
}

const subtaskOf = ({ title }: AttemptSpec): string => title.split(':')[0] ?? '';

function newFolder(spec: AttemptSpec, subtask: string, now: number): AttemptFolder {
  const truth = { turns: 0, costUsd: 0, tokens: 0, messages: 0, toldCost: 0 };
  return {
    ...{
      spec,
      subtask,
      claim: undefined,
      stream: [],
      control: [],
      exit: undefined,
      lostAt: undefined,
      truncated: false,
      heartbeatAt: now,
    },
    ...{ watchers: new Set<() => void>(), truth },
  };
}
