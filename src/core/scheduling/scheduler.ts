import type { Budget } from '../model/budget.ts';
import { isSatisfied, type RunState, type SubtaskState } from '../model/run.ts';
import { writableBy } from '../model/scope.ts';
import { reserve } from './admission/budgets.ts';
import type { Conditions, Moment, Refusal } from './admission/check.ts';
import { READY_CHECKS, RUN_CHECKS } from './admission/list.ts';
import { DEFAULT_ESTIMATE_SECONDS, type GraphNode, taskGraph } from './graph.ts';
import { Lookahead } from './lookahead.ts';
import { urgentSubtasks } from './pinned.ts';
import type { Running, Situation } from './situation.ts';

export interface Launch {
  readonly id: string;
  /** What its attempt may use. */
  readonly budget: Budget;
}

export interface Decision {
  /** The most urgent first. They count as in hand until `leave`. */
  readonly launches: readonly Launch[];
  /** When to ask again though nothing happens, in milliseconds since 1970; undefined: there is no need to. */
  readonly againAt: number | undefined;
}

interface Pending {
  readonly budget: Budget;
  /** How many attempts the subtask had before. */
  readonly attempts: number;
}

/**
 * Decides for one run which subtasks start next, with the same code as a simulation. It keeps an order of all that is
 * ready, so that a launch costs O(log n); the journal stays the only truth, which `next` looks at each time.
 */
export class Scheduler {
  #course: Course | undefined;
  /** Launches that the journal has no word of yet. */
  readonly #pending = new Map<string, Pending>();

  /** @param held what the caller works on, also where the journal has no word of it */
  next(run: RunState, held: Iterable<string>, conditions: Conditions): Decision {
    const course = this.#course?.isOf(run) ? this.#course : new Course(run, held);
    this.#course = course;
    const reserved = this.#stillPending(run);
    course.reconsider(run);
    const launches: Launch[] = [];
    let againAt = Number.POSITIVE_INFINITY;
    const refused = (refusal: Refusal): void => {
      againAt = Math.min(againAt, refusal.againAt ?? againAt);
    };
    const moment = { ...conditions, run, launching: this.#pending.size, reserved };
    const situation = course.situation(run, conditions.now / 1000);
    for (;;) {
      const refusal = firstRefusal(RUN_CHECKS, moment, undefined);
      situation.free = run.settings.concurrency - run.working.size - moment.launching;
      const state = refusal ? undefined : course.first(run, situation);
      if (refusal) refused(refusal);
      if (!state) break;
      const { id } = state.subtask;
      const own = firstRefusal(READY_CHECKS, moment, state);
      const reservation = own ? undefined : reserve(moment, state);
      if (reservation?.ok) {
        course.start(id);
        this.#pending.set(id, { budget: reservation.budget, attempts: state.attempts.length });
        launches.push({ id, budget: reservation.budget });
        moment.launching = this.#pending.size;
        reserved.usd += reservation.budget.usd;
        reserved.tokens += reservation.budget.tokens;
        continue;
      }
      // One that may use less for itself may still start.
      if (reservation?.ofRun && !course.hasAttemptLimits) break;
      if (own) refused(own);
      course.setAside(id);
    }
    return { launches, againAt: Number.isFinite(againAt) ? againAt : undefined };
  }

  /** The caller does not work on a subtask any more, for whatever reason. */
  leave(run: RunState, id: string): void {
    this.#pending.delete(id);
    this.#course?.leave(run, id);
  }

  /** Forgets the launches that the journal tells of by now, or that came to wait for a person; what the others may use. */
  #stillPending(run: RunState): { usd: number; tokens: number; readonly ms: number } {
    const reserved = { usd: 0, tokens: 0, ms: 0 };
    for (const [id, { budget, attempts }] of this.#pending) {
      const own = run.subtasks.get(id);
      if ((own?.attempts.length ?? 0) > attempts || own?.returned?.asks) {
        this.#pending.delete(id);
        continue;
      }
      reserved.usd += budget.usd;
      reserved.tokens += budget.tokens;
    }
    return reserved;
  }
}

function firstRefusal<T>(
  checks: readonly ((moment: Moment, about: T) => Refusal | undefined)[],
  moment: Moment,
  about: T,
): Refusal | undefined {
  for (const check of checks) {
    const refusal = check(moment, about);
    if (refusal) return refusal;
  }
  return undefined;
}

/** Which subtasks of a plan are ready and which are in hand, in terms of its graph. */
class Course {
  /** Whether a subtask says what one attempt at it may use, so that some need less than others. */
  readonly hasAttemptLimits: boolean;
  readonly #planVersion: number;
  readonly #ids: readonly string[];
  readonly #nodes: ReadonlyMap<string, number>;
  readonly #seconds: Float64Array;
  readonly #lookahead: Lookahead;
  readonly #inHand = new Set<string>();
  /** Ready, but something of their own keeps them from starting. */
  readonly #aside = new Set<string>();

  constructor(run: RunState, held: Iterable<string>) {
    this.#planVersion = run.planVersion;
    const inHand = new Set([...held, ...run.inWork]);
    const all = [...run.subtasks.values()];
    this.hasAttemptLimits = all.some(({ subtask }) => subtask.budget?.attempt !== undefined);
    // What is done needs no place in it: should it be undone, the plan is another one.
    const states = all.filter(({ status, subtask }) => !isSatisfied(status) || inHand.has(subtask.id));
    this.#ids = states.map(({ subtask }) => subtask.id);
    const graph = taskGraph(states.map(nodeOf), (id) => run.subtasks.has(id));
    this.#nodes = graph.indexes;
    this.#seconds = graph.seconds;
    const first = [...urgentSubtasks(run)].flatMap((id) => this.#nodes.get(id) ?? []);
    this.#lookahead = new Lookahead(graph, run.settings.concurrency, { first });
    for (const id of inHand) this.start(id);
    for (const id of run.ready) this.#makeReady(run, id);
  }

  isOf({ planVersion }: RunState): boolean {
    return this.#planVersion === planVersion;
  }

  /** What is known at this moment, in seconds; the caller says how many may start. */
  situation(run: RunState, now: number): Situation & { free: number } {
    return {
      now,
      free: 0,
      isDone: (one) => isSatisfied(run.subtasks.get(this.#ids[one] ?? '')?.status),
      running: () => this.#running(run, now),
    };
  }

  /** The most urgent ready subtask. */
  first(run: RunState, situation: Situation): SubtaskState | undefined {
    const node = this.#lookahead.next(situation);
    return node === undefined ? undefined : run.subtasks.get(this.#ids[node] ?? '');
  }

  start(id: string): void {
    const node = this.#nodes.get(id);
    if (node === undefined) return;
    this.#inHand.add(id);
    this.#lookahead.start(node);
  }

  /** Passes a ready subtask over until `reconsider`. */
  setAside(id: string): void {
    const node = this.#nodes.get(id);
    if (node === undefined) return;
    this.#lookahead.withdraw(node);
    this.#aside.add(id);
  }

  reconsider(run: RunState): void {
    for (const id of this.#aside) this.#makeReady(run, id);
    this.#aside.clear();
  }

  leave(run: RunState, id: string): void {
    const node = this.#nodes.get(id);
    if (node === undefined || !this.#inHand.delete(id)) return;
    this.#lookahead.end(node);
    this.#makeReady(run, id);
    for (const dependant of run.dependants.get(id) ?? []) this.#makeReady(run, dependant);
  }

  #makeReady(run: RunState, id: string): void {
    if (!run.ready.has(id) || this.#inHand.has(id) || run.subtasks.get(id)?.paused !== false) return;
    const node = this.#nodes.get(id);
    if (node !== undefined) this.#lookahead.ready(node);
  }

  #running(run: RunState, now: number): Running[] {
    return [...this.#inHand].flatMap((id) => {
      const node = this.#nodes.get(id);
      const state = run.subtasks.get(id);
      if (node === undefined || !state || isSatisfied(state.status)) return [];
      const began = run.attempts.get(state.attempts.at(-1) ?? '')?.startedAt;
      const startedAt = began === undefined ? now : Math.min(began / 1000, now);
      // Its worker is done: what is left is to merge it.
      const seconds = state.status === 'integrating' ? 0 : (this.#seconds[node] ?? 0);
      return [{ node, startedAt, expectedEnd: Math.max(now, startedAt + seconds) }];
    });
  }
}

function nodeOf({ subtask }: SubtaskState): GraphNode {
  const { id, dependsOn, estimate, priority } = subtask;
  return {
    id,
    dependsOn,
    scope: writableBy(subtask),
    priority,
    seconds: estimate?.seconds ?? DEFAULT_ESTIMATE_SECONDS,
  };
}
