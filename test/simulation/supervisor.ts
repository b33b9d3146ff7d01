import type { AttemptExit, AttemptSpec, ControlLine } from '../../src/core/model/attempt-files.ts';
import type { Plan } from '../../src/core/model/plan.ts';
import type { StreamLine } from '../../src/core/ports/workers.ts';
import type { Behaviour } from './case.ts';
import type { Process, World } from './world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** What stands for the subtask of a planner. */
export const PLANNER = 'Plan the task';

/** The files of an attempt, which outlive every process. */
export interface AttemptFolder {
  readonly spec: AttemptSpec;
  readonly subtask: string;
  claim: { readonly by: 'supervisor' | 'abandoned'; readonly owner: Process; readonly at?: number } | undefined;
  readonly stream: StreamLine[];
  readonly control: ControlLine[];
  exit: AttemptExit | undefined;
  /** When its supervisor went away without a word, on the world's clock. */
  lostAt: number | undefined;
  /** A power loss took away what was said last. */
  truncated: boolean;
  /** When its supervisor last gave a sign of life; nothing may be decided by it. */
  heartbeatAt: number;
  readonly watchers: Set<() => void>;
  /** What the worker truly did. */
  readonly truth: { turns: number; costUsd: number; tokens: number; messages: number; toldCost: number };
}

/** What a session has cost so far. */
export interface Bill {
  readonly usd: number;
  readonly tokens: number;
}

export interface SupervisorOptions {
  readonly world: World;
  readonly costUsd: number;
  /** More than none: its turns take a while, in which they can be interrupted. */
  readonly tokensATurn: number;
  /** What a planner answers. */
  plan(): Plan;
  stormy(): boolean;
  work(worktree: string, subtask: string, how: 'whole' | 'broken'): void;
  onEnd(folder: AttemptFolder): void;
  /** It ends because nobody said anything for so long. */
  onIdle(folder: AttemptFolder): void;
}

/** A supervisor with its worker: obeys the control lines, says what the real CLI says, keeps the deadline. */
export class Supervisor {
  readonly folder: AttemptFolder;
  readonly process: Process;
  readonly #behaviour: Behaviour;
  readonly #options: SupervisorOptions;
  readonly #obeyed = new Set<string>();
  readonly #deadlineMs: number;
  #usedMs = 0;
  #runningSince: number | undefined;
  #callOffDeadline: (() => void) | undefined;
  #callOffIdle: (() => void) | undefined;
  #read = 0;
  #ending = false;
  #isLate = false;
  readonly #session: string;
  readonly #bills: Map<string, Bill>;
  /** While a turn goes on. */
  #endTurn: ((subtype: string) => void) | undefined;
  /** What its session had cost before: the CLI counts a session on that it resumes, and none that it forks. */
  readonly #before: Bill;

  constructor(
    folder: AttemptFolder,
    process: Process,
    behaviour: Behaviour,
    options: SupervisorOptions,
    bills: Map<string, Bill>,
  ) {
    this.folder = folder;
    this.process = process;
    this.#behaviour = behaviour;
    this.#options = options;
    this.#deadlineMs = folder.spec.deadlineMs;
    const { args, attempt } = folder.spec;
    const resumed = args.includes('--fork-session') ? undefined : args[args.indexOf('--resume') + 1];
    this.#session = args.includes('--resume') && resumed !== undefined ? resumed : `session-${attempt}`;
    this.#bills = bills;
    this.#before = bills.get(this.#session) ?? { usd: 0, tokens: 0 };
    folder.watchers.add(() => this.#obey());
    this.#resumeClock();
    this.#say({ type: 'system', subtype: 'init', session_id: this.#session, model: 'model' });
    this.#startTurn();
    this.#obey();
  }

  #startTurn(): void {
    this.#callOffIdle?.();
    const silent = this.#behaviour === 'silent';
    this.#later('works', silent ? [18 * MINUTE, 26 * MINUTE] : [SECOND, 5 * MINUTE], () => {
      this.#options.world.onPoint('turn', this.process);
      if (!this.process.alive || this.#behaviour === 'hangs') return;
      const { truth } = this.folder;
      truth.turns += 1;
      if (this.#behaviour === 'dies') return this.#end('exited', null);
      if (this.#behaviour === 'supervisor-lost') return this.#vanish();
      const asks = this.#behaviour === 'asks' || this.#behaviour === 'asks-again';
      if (asks && truth.turns === 1) return this.#ask();
      this.#work();
    });
  }

  #ask(): void {
    this.#pauseClock();
    const input = { command: 'ls' };
    const request = { subtype: 'can_use_tool', tool_name: 'Bash', input };
    const frame = { type: 'control_request', request_id: `ask-${this.folder.spec.attempt}`, request };
    this.#say(frame);
    if (this.#behaviour === 'asks-again') this.#later('asks again', [SECOND, MINUTE], () => this.#say(frame));
  }

  #work(): void {
    const { spec, subtask, truth } = this.folder;
    const whole = this.#behaviour !== 'broken' && (this.#behaviour !== 'mends' || truth.turns > 1);
    this.#say({
      type: 'assistant',
      uuid: `message-${truth.turns}`,
      message: {
        ...{ id: 'm', model: 'model', content: [{ type: 'tool_use', id: 't', name: 'Write', input: {} }] },
        usage: { input_tokens: this.#options.tokensATurn },
      },
    });
    if (subtask !== PLANNER) this.#options.work(spec.cwd, subtask, whole ? 'whole' : 'broken');
    truth.costUsd += this.#options.costUsd;
    truth.tokens += this.#options.tokensATurn;
    if (this.#options.tokensATurn === 0) {
      this.#result('success', whole);
      return;
    }
    const end = (subtype: string): void => {
      this.#endTurn = undefined;
      callOff();
      this.#result(subtype, whole);
    };
    const callOff = this.#later('ends its turn', [1, 20 * SECOND], () => end('success'));
    this.#endTurn = end;
  }

  #result(subtype: string, whole: boolean): void {
    const { spec, subtask, truth } = this.folder;
    const behaviour = this.#behaviour;
    const answer = subtask === PLANNER ? { structured_output: whole ? this.#options.plan() : { version: 1 } } : {};
    const storm = this.#options.stormy();
    const status =
      behaviour === 'no-login' ? 401 : behaviour === 'api-fails' || storm ? 529 : behaviour === 'limited' ? 429 : null;
    if (status === 529) this.#retries();
    if (behaviour === 'limited') this.#refuse();
    const capUsd = spec.args[spec.args.indexOf('--max-budget-usd') + 1];
    const spent = truth.costUsd >= Number(capUsd) && this.#options.costUsd > 0;
    const fails = status !== null || spent || subtype !== 'success';
    const bill = { usd: this.#before.usd + truth.costUsd, tokens: this.#before.tokens + truth.tokens };
    this.#bills.set(this.#session, bill);
    this.#say({
      type: 'result',
      subtype: spent ? 'error_max_budget_usd' : subtype,
      is_error: fails,
      api_error_status: status,
      ...answer,
      total_cost_usd: bill.usd,
      modelUsage: { model: { inputTokens: bill.tokens, cacheReadInputTokens: 1_000 } },
    });
    if (behaviour === 'dies-after-its-turn') this.#end('exited', null);
    else if (fails) this.#endLater(1);
    else
      this.#callOffIdle = this.#later('was idle for long', [spec.idleMs, spec.idleMs], () => {
        this.#options.onIdle(this.folder);
        this.#end('exited', 0);
      });
  }

  /** What the CLI tries before it gives up. */
  #retries(): void {
    for (const attempt of [1, 2])
      this.#say({ type: 'system', subtype: 'api_retry', attempt, error_status: 529, error: 'overloaded' });
  }

  /** The account's limit is reached. */
  #refuse(): void {
    const resetsAt = Math.ceil((this.#options.world.wallClock() + 90 * MINUTE) / SECOND);
    this.#say({ type: 'rate_limit_event', rate_limit_info: { status: 'rejected', resetsAt } });
  }

  /** Reads control lines on; each id is obeyed once. */
  #obey(): void {
    const { control } = this.folder;
    while (this.#read < control.length && this.process.alive) {
      const line = control[this.#read];
      this.#read += 1;
      if (!line || this.#obeyed.has(line.id)) continue;
      this.#obeyed.add(line.id);
      this.#later(`is told ${line.type}`, [1, 500], () => this.#take(line));
    }
  }

  #take(line: ControlLine): void {
    if (line.type === 'cancel') this.#end('cancelled', 143);
    if (line.type === 'finish') this.#endLater(0);
    if (line.type === 'interrupt') this.#endTurn?.('error_during_execution');
    if (line.type === 'message') {
      this.folder.truth.messages += 1;
      this.#startTurn();
    }
    if (line.type === 'permission') {
      this.#resumeClock();
      this.#later('goes on', [SECOND, MINUTE], () => this.#work());
    }
  }

  #endLater(code: number): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#later('finishes', [1, 2 * SECOND], () => this.#end('exited', code));
  }

  #resumeClock(): void {
    if (this.#runningSince !== undefined) return;
    const left = this.#deadlineMs - this.#usedMs;
    this.#runningSince = this.#options.world.now;
    this.#callOffDeadline = this.#later('reaches its deadline', [left, left], () => this.#timeIsUp());
  }

  /** Its turn is interrupted, so that its figures come, and then it is ended. */
  #timeIsUp(): void {
    this.#isLate = true;
    const end = (): void => this.#end('deadline', 143);
    if (this.#endTurn) this.#later('is ended', [1, 500], end);
    else end();
    this.#endTurn?.('error_during_execution');
  }

  #pauseClock(): void {
    if (this.#runningSince === undefined) return;
    this.#usedMs += this.#options.world.now - this.#runningSince;
    this.#runningSince = undefined;
    this.#callOffDeadline?.();
  }

  #later(what: string, duration: readonly [number, number], go: () => void): () => void {
    const { world } = this.#options;
    return world.later(`${this.folder.spec.attempt} ${what}`, this.process, duration, () => {
      if (this.folder.exit) return;
      this.folder.heartbeatAt = world.now;
      go();
    });
  }

  #say(frame: object): void {
    const { stream } = this.folder;
    const from = stream.at(-1)?.to ?? 0;
    const text = JSON.stringify(frame);
    stream.push({ from, to: from + text.length + 1, text });
    changed(this.folder, this.#options.world);
  }

  #end(reason: AttemptExit['reason'], code: number | null): void {
    const { world, onEnd } = this.#options;
    if (this.folder.exit || !this.process.alive) return;
    world.onPoint('exit/before', this.process);
    if (!this.process.alive) return;
    const endedAt = world.wallClock();
    const why = this.#isLate && reason === 'exited' ? 'deadline' : reason;
    this.folder.exit = {
      ...{ version: 1, code, signal: null, reason: why, message: `It ended: ${why}.` },
      ...{ startedAt: endedAt, endedAt },
    };
    onEnd(this.folder);
    world.kill(this.process);
    changed(this.folder, this.#options.world);
  }

  #vanish(): void {
    this.#options.world.kill(this.process);
    this.#options.onEnd(this.folder);
    changed(this.folder, this.#options.world);
  }
}

/** How late a notification can come, in milliseconds; the product looks by itself more often. */
const LATE_MS = 5 * SECOND;

/** Tells those who watch the folder; some are told late, or once more. */
export function changed(folder: AttemptFolder, world: World): void {
  for (const watcher of [...folder.watchers]) {
    const isLate = world.random.chance(0.1);
    if (!isLate) watcher();
    if (isLate || world.random.chance(0.05)) world.later('a notification comes late', undefined, [1, LATE_MS], watcher);
  }
}
