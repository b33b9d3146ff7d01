import { Detached } from '../../src/core/context.ts';
import { type ControlOrder, type ControlRequest, controlRequestSchema } from '../../src/core/model/control.ts';
import { OrchestratorError } from '../../src/core/model/error.ts';
import type { Plan } from '../../src/core/model/plan.ts';
import type { RunState } from '../../src/core/model/run.ts';
import type { OpenedJournal } from '../../src/node/journal/writer.ts';
import { Asks, meant, unpausing } from './asks.ts';
import { Broken } from './broken.ts';
import type { Case, Sequel } from './case.ts';
import { SimulatedDisk } from './disk.ts';
import { Faults } from './faults.ts';
import { SimulatedInbox } from './inbox.ts';
import { Oracle } from './oracle.ts';
import { firstEvents, own, type Place } from './owner.ts';
import type { PlantedBug } from './planted-bug.ts';
import { SimulatedGit } from './repository.ts';
import { type Beginning, editedPlan, firstRun, nextRun } from './sequel.ts';
import { Stream } from './stream.ts';
import { type Owner, strike, type Target, wakeZombies } from './strike.ts';
import { PLANNER } from './supervisor.ts';
import { SimulatedMachine } from './workers.ts';
import { World as SimulatedWorld, type World } from './world.ts';

export interface Simulated {
  readonly state: RunState;
  /** Of the last run, where another one came after the first. */
  readonly last: RunState;
  readonly events: number;
  readonly history: World['history'];
  /** "fault at point" → how often. */
  readonly met: ReadonlyMap<string, number>;
  /** "order outcome" → how often, of what people asked. */
  readonly asked: ReadonlyMap<string, number>;
  /** How many processes owned the run one after the other. */
  readonly owners: number;
  readonly maxLive: number;
}

/** A simulation that broke an invariant, with all that had happened by then. */
export class Failed extends Error {
  readonly broken: Broken;
  readonly history: World['history'];

  constructor(broken: Broken, history: World['history']) {
    super(`${broken.message}\n${historyText(history)}`, { cause: broken });
    this.name = 'Failed';
    this.broken = broken;
    this.history = history;
  }
}

export const historyText = (history: World['history']): string =>
  history.map(([at, what]) => `${(at / 1_000).toFixed(3).padStart(12)} s  ${what}`).join('\n');

/** Runs the real core in a simulated world from a case; throws `Failed` as soon as an invariant is broken. */
export async function simulate(given: Case, bug?: PlantedBug): Promise<Simulated> {
  const simulation = new Simulation(given, bug);
  try {
    return await simulation.run();
  } catch (error) {
    const { world } = simulation.place;
    if (error instanceof Broken) throw new Failed(error, world.history);
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    throw new Failed(new Broken('ends-or-waits', detail), world.history);
  }
}

class Simulation implements Target {
  place: Place;
  #faults: Faults;
  #asks: Asks;
  readonly #met = new Map<string, number>();
  readonly #asked = new Map<string, number>();
  owner: Owner | undefined;
  readonly #clashes: string[] = [];
  /** What a planner answers. */
  #plan: Plan;
  #owners = 0;
  #ended: RunState | undefined;
  #failure: unknown;
  maxLive = 0;
  syncFails = false;
  slowSyncMs = 0;
  stormUntil = 0;
  readonly zombies: { readonly epoch: number; readonly seq: number }[] = [];

  constructor(given: Case, bug: PlantedBug | undefined) {
    const world = new SimulatedWorld(given.seed);
    this.#clashes.push(...given.clashes);
    this.#plan = given.plan;
    const oracle = (): Oracle => this.place.oracle;
    const git: SimulatedGit = new SimulatedGit({
      ...{ world, bug, clashes: this.#clashes, spoils: given.spoils },
      ...{ breaks: given.check?.breaks ?? [], stubborn: given.check?.stubborn ?? [] },
      onMoveRef: (ref, next) => oracle().onMoveRef(ref, next),
      worksIn: (slot) => machine.live.has(slot),
      isNeeded: (slot) => oracle().isNeeded(slot),
      onNoRoom: () => {
        oracle().noRoomAt = world.now;
      },
      anyWorks: () => [...machine.live.values()].some(({ folder }) => git.worktrees.has(folder.spec.attempt)),
      fail: ({ invariant, detail }) => oracle().must(false, invariant, detail),
    });
    const machine = new SimulatedMachine({
      ...{ world, bug, costUsd: given.costUsd, tokensATurn: given.tokensATurn ?? 0 },
      stormy: () => world.now < this.stormUntil,
      work: (worktree, subtask, how) => git.work(worktree, subtask, how),
      behaviour: (subtask, number) =>
        (subtask === PLANNER ? given.planner : given.behaviours[subtask])?.[number - 1] ?? 'good',
      plan: () => this.#plan,
      onLaunching: (attempt) => oracle().onLaunching(attempt),
      onStart: (folder, won) => {
        oracle().onStart(folder, won);
        this.maxLive = Math.max(this.maxLive, machine.live.size + 1);
      },
      onEnd: () => undefined,
      onIdle: (folder) => oracle().onIdle(folder, this.place.lock),
      onLost: (folder) => oracle().onLost(folder),
      onSend: (attempt, line) => oracle().onSend(attempt, line),
    });
    this.place = this.#placeOf({ given, bug, world, git, machine }, firstRun(...firstEvents(given)));
    this.#faults = new Faults(given.faults, (fault) => strike(this, fault));
    this.#asks = new Asks(given.asks ?? []);
    world.onPoint = (name, process) => {
      const { lock } = this.place;
      if (lock && lock.owner === process) lock.heartbeatAt = world.now;
      this.#faults.reach(name);
      for (const order of this.#asks.reach(name)) this.#ask(order);
    };
  }

  /** Where a run lives: its journal is its own, the machine and the repository are the same for all. */
  #placeOf(shared: Pick<Place, 'given' | 'bug' | 'world' | 'git' | 'machine'>, beginning: Beginning): Place {
    const { given, bug, world, git, machine } = shared;
    const oracle = new Oracle(given, () => world.now, beginning);
    oracle.sees(git, machine);
    const store = {
      ...{ world, bug, relaxed: given.relaxed === true, disk: new SimulatedDisk(new Stream(given.seed + 1)) },
      sync: () => {
        const [fails, slowMs] = [this.syncFails, this.slowSyncMs];
        this.syncFails = false;
        this.slowSyncMs = 0;
        if (fails) oracle.journalFailedAt = world.now;
        return { fails, slowMs };
      },
      onOffered: oracle.onOffered.bind(oracle),
      onDurable: oracle.onDurable.bind(oracle),
      onAcknowledged: oracle.onAcknowledged.bind(oracle),
    };
    const inbox = new SimulatedInbox(world);
    return { ...shared, oracle, store, beginning, inbox, late: [], lock: undefined };
  }

  async run(): Promise<Simulated> {
    const { world, given } = this.place;
    const state = await this.#whole();
    const last = given.sequel ? await this.#sequel(given.sequel, state) : state;
    const { events, history } = world;
    const [met, asked, owners, { maxLive }] = [this.#met, this.#asked, this.#owners, this];
    return { state, last, events, history, met, asked, owners, maxLive };
  }

  async #whole(): Promise<RunState> {
    const { world, oracle } = this.place;
    let state = await this.#untilEnded();
    // What is asked too late is asked of a run that has ended; some of it lets the run go on.
    for (let request = this.#next(); request; request = this.#next()) {
      this.place.late.push(request);
      state = await this.#untilEnded();
    }
    // Whoever opens it afterwards finds it as it was left, and nothing comes after the end.
    const { lastSeq } = await this.#untilEnded();
    oracle.must(lastSeq === state.lastSeq, 'ended-is-final', 'something was recorded after the end');
    for (let left = 200; left > 0; left -= 1) if (!(await world.step())) break;
    this.#throwIfBroken();
    add(this.#met, this.#faults.met);
    add(this.#asked, oracle.asked);
    return state;
  }

  /** Another run after this one, in the same repository. */
  async #sequel(sequel: Sequel, state: RunState): Promise<RunState> {
    const before = this.place;
    const { world, given, oracle, store } = before;
    this.#plan = editedPlan(given.plan, sequel.edits);
    const ended = { state, records: oracle.records };
    const events = firstEvents({ ...given, plan: this.#plan }, 'run-again', sequel);
    const beginning = nextRun(world, sequel, before.bug, ended, events);
    if (!beginning) return state;
    world.history.push([world.now, `*** ${sequel.how}`]);
    const journal = bytesOf(store.disk);
    this.place = this.#placeOf(before, beginning);
    this.#faults = new Faults(sequel.faults, (fault) => strike(this, fault));
    this.#asks = new Asks(sequel.asks ?? []);
    this.zombies.length = 0;
    this.#clashes.push(...(sequel.clashes ?? []));
    const last = await this.#whole();
    const isSame = bytesOf(store.disk).equals(journal) && oracle.lastSeq === ended.records.length;
    this.place.oracle.must(isSame, 'original-untouched', 'its journal has changed');
    this.#throwIfBroken();
    return last;
  }

  #throwIfBroken(): void {
    if (this.place.oracle.broken) throw this.place.oracle.broken;
    if (this.#failure) throw this.#failure;
  }

  async #untilEnded(): Promise<RunState> {
    const { world } = this.place;
    this.#ended = undefined;
    this.#start();
    for (;;) {
      const goesOn = await world.step();
      this.place.oracle.onTime(world.wallClock(), this.place.lock);
      this.#throwIfBroken();
      if (this.#ended) return this.#ended;
      if (!goesOn && !this.#unpause()) throw new Broken('ends-or-waits', 'nothing will ever happen any more');
    }
  }

  #next(asked = this.#asks.shift()): ControlRequest | undefined {
    const { world, oracle } = this.place;
    if (!asked) return undefined;
    const order = meant(asked, oracle.state);
    const isRefusal = order.type === 'answer' && order.question === 'plan' && !order.allow;
    if (order.type === 'cancel' || isRefusal) oracle.cancelled = true;
    // As it is read from a file.
    return controlRequestSchema.parse({ version: 1, id: world.id(), at: world.now, by: 'The person', order });
  }

  #ask(order?: ControlOrder): void {
    const request = this.#next(order);
    if (!request) return;
    this.place.oracle.requests.push(request);
    this.place.inbox.append(request);
  }

  /** A run that waits for the person goes on when they say so; false when it is not for them that it waits. */
  #unpause(): boolean {
    const orders = unpausing(this.place.oracle.state);
    for (const order of orders) this.#ask(order);
    return orders.length > 0;
  }

  #start(): void {
    const { world } = this.place;
    const process = world.process();
    const owner: Owner = { process, stop: new AbortController(), opened: undefined };
    this.owner = owner;
    this.#owners += 1;
    const onOpened = (opened: OpenedJournal): void => {
      owner.opened = opened;
      wakeZombies(this);
    };
    void own(this.place, process, owner.stop.signal, onOpened).then(
      (state) => {
        world.kill(process);
        this.#ended = state;
      },
      (error: unknown) => this.#onRejected(owner, error),
    );
  }

  #onRejected({ process, stop }: Owner, error: unknown): void {
    const { world, oracle } = this.place;
    world.kill(process);
    const code = error instanceof OrchestratorError ? error.code : undefined;
    if (!oracle.state && stop.signal.aborted && error === stop.signal.reason) {
      // It never began. The person thinks better of it, but for what the next owner reads.
      oracle.cancelled = this.place.inbox.requests.some(({ order }) => order.type === 'cancel');
      this.resumeLater();
    } else if (error instanceof Detached || code === 'journal-failed' || code === 'waits-for-person')
      this.resumeLater();
    else if (code === 'journal-damaged') this.#failure = new Broken('journal-readable', String(error));
    else this.#failure = error;
  }

  resumeLater(): void {
    const { world } = this.place;
    world.later('somebody resumes the run', undefined, [1_000, world.random.chance(0.2) ? 7_200_000 : 60_000], () =>
      this.#start(),
    );
  }
}

function add(sum: Map<string, number>, more: ReadonlyMap<string, number>): void {
  for (const [one, often] of more) sum.set(one, (sum.get(one) ?? 0) + often);
}

const bytesOf = (disk: SimulatedDisk): Buffer => Buffer.concat(disk.epochs.map((epoch) => disk.read(epoch)));
