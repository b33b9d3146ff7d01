import { CLOSED } from '../model/breaker.ts';
import { OrchestratorError } from '../model/error.ts';
import type { EventOf, JournalRecord, RunEventType } from '../model/events.ts';
import { isGraphChange } from '../model/graph-change.ts';
import type { RunState, SubtaskStatus } from '../model/run.ts';
import type { Folding } from '../ports/journal-store.ts';
import { foldAttempt } from './fold-attempt.ts';
import { passOver } from './fold-budgets.ts';
import { foldCheckpoints } from './fold-checkpoints.ts';
import { block, foldGraph } from './fold-graph.ts';
import { foldIntegration, type IntegrationEvent, isOfIntegration } from './fold-integration.ts';
import { foldVersion } from './fold-version.ts';
import type { MutableRun } from './mutable.ts';
import { addSubtask, indexSubtasks, setStatus, subtaskIn } from './status.ts';

/** With the changes of the graph, what whoever asks something of a run may record, though they do not drive it. */
const ASKED: ReadonlySet<RunEventType> = new Set([
  ...(['control.handled', 'run.paused', 'run.resumed', 'run.cancelling', 'run.reopened'] as const),
  ...(['plan.approved', 'plan.rejected', 'permission.decided'] as const),
]);

/**
 * Folds a run's journal into its state. The fold owns the state and changes it in place (amortised O(1) an event);
 * callers hold a read-only view that is current after every `apply`.
 */
export class RunFold implements Folding {
  readonly version = foldVersion;
  #started: MutableRun | undefined;

  /** Folds a whole journal; throws `journal-damaged` when it is empty or does not start as it must. */
  static of(records: Iterable<JournalRecord>): RunFold {
    const fold = new RunFold();
    for (const record of records) fold.apply(record);
    if (!fold.hasBegun) throw new OrchestratorError('journal-damaged', 'The journal has no events.');
    return fold;
  }

  /** Whether there was a first record. */
  get hasBegun(): boolean {
    return this.#started !== undefined;
  }

  /** Throws before the first record. */
  get state(): RunState {
    return this.#run;
  }

  get #run(): MutableRun {
    if (!this.#started) throw new OrchestratorError('internal', 'The run has no state before its first event.');
    return this.#started;
  }

  /**
   * Takes in the next record; a record that was taken in before changes nothing. The first one must be `run.created`,
   * else this throws `journal-damaged`.
   */
  apply(record: JournalRecord): void {
    const { event } = record;
    if (!this.#started) {
      if (event.type !== 'run.created') {
        throw new OrchestratorError(
          'journal-damaged',
          `A journal starts with "run.created", this one with "${event.type}".`,
        );
      }
      this.#started = created(event, record);
      return;
    }
    const run = this.#started;
    if (record.seq <= run.lastSeq) return;
    run.lastSeq = record.seq;
    if (run.drivenBy === record.epoch || !(ASKED.has(event.type) || isGraphChange(event))) {
      run.drivenBy = record.epoch;
      run.drivenAt = record.at;
    }
    if (isOfIntegration(event)) foldIntegration(run, event, record.at);
    else if ('attempt' in event) foldAttempt(run, event, record.at);
    else if (isGraphChange(event)) foldGraph(run, event, record.at);
    else this.#foldRun(event, record.at);
    foldCheckpoints(run, record);
  }

  /** The state itself, not a copy. */
  image(): unknown {
    return this.#run;
  }

  restore(image: unknown): void {
    this.#started = image as MutableRun;
  }

  clear(): void {
    this.#started = undefined;
  }

  #foldRun(event: Exclude<JournalRecord['event'], IntegrationEvent>, at: number): void {
    const run = this.#run;
    switch (event.type) {
      case 'plan.proposed':
        run.plan = event.plan;
        run.planVersion += 1;
        run.status = 'awaiting-approval';
        run.dependants.clear();
        for (const subtask of event.plan.subtasks) addSubtask(run, subtask);
        indexSubtasks(run);
        return;
      case 'plan.approved':
        if (event.snapshot !== undefined) {
          run.base = event.snapshot;
          run.integrated = event.snapshot;
          run.uncommitted = true;
        }
        run.approved = true;
        run.status = 'running';
        return;
      case 'plan.rejected':
        run.rejected = true;
        return;
      case 'subtask.failed': {
        const subtask = subtaskIn(run, event.subtask);
        setStatus(run, subtask, 'failed');
        subtask.reason = event.reason;
        subtask.returned = undefined;
        subtask.endedAt = at;
        block(run, event.subtask, 'failed');
        return;
      }
      case 'subtask.backed-off': {
        const { after: attempt, untilMs, ms } = event;
        subtaskIn(run, event.subtask).backOff = { attempt, untilMs, ms };
        return;
      }
      case 'subtask.held':
        subtaskIn(run, event.subtask).room = event.room ?? undefined;
        return;
      case 'subtask.preparing':
        if (event.budget) run.preparing.set(subtaskIn(run, event.subtask).subtask.id, event.budget);
        else run.preparing.delete(event.subtask);
        return;
      case 'run.paused':
      case 'run.resumed':
        run.paused = event.type === 'run.paused';
        return;
      case 'run.slept':
        passOver(run, event.ms, event.each);
        return;
      case 'run.cancelling':
        run.cancelling = true;
        return;
      case 'run.ended':
        run.status = event.outcome;
        run.detail = event.detail;
        run.endedAt = at;
        if (event.outcome === 'cancelled') this.#cancelOpen();
        return;
      case 'run.reopened':
        run.status = 'running';
        run.cancelling = false;
        run.detail = undefined;
        run.endedAt = undefined;
        return;
      case 'control.handled':
        run.handled.set(event.request, { outcome: event.outcome, reason: event.reason });
        return;
      case 'apply.started': {
        const { branch, from, to, inPlace = false } = event;
        run.application = { branch, from, to, inPlace, isUnderWay: true };
        return;
      }
      case 'apply.undoing':
      case 'apply.undo-failed':
        if (run.application) run.application = { ...run.application, isUnderWay: event.type === 'apply.undoing' };
        return;
      case 'apply.failed':
      case 'apply.undone':
        run.application = undefined;
        run.applied = undefined;
        return;
      case 'apply.done':
        if (run.application)
          run.application = { ...run.application, isUnderWay: false, ...(event.inPlace ? { inPlace: true } : {}) };
        run.applied = { commit: event.commit, branch: event.branch, files: event.files };
        return;
      default:
        return;
    }
  }

  #cancelOpen(): void {
    const ended: readonly SubtaskStatus[] = ['completed', 'skipped', 'failed', 'blocked'];
    for (const subtask of this.#run.subtasks.values()) {
      if (!ended.includes(subtask.status)) setStatus(this.#run, subtask, 'cancelled');
    }
  }
}

function created(event: EventOf<'run.created'>, record: JournalRecord): MutableRun {
  return {
    id: event.run,
    task: event.task,
    repository: event.repository,
    branch: event.branch,
    base: event.base,
    uncommitted: event.uncommitted ?? false,
    origin: event.origin,
    settings: event.settings,
    status: 'planning',
    detail: undefined,
    createdAt: record.at,
    endedAt: undefined,
    plan: undefined,
    planVersion: 0,
    handled: new Map(),
    pinned: new Set(),
    approved: false,
    rejected: false,
    questions: 0,
    answered: new Set(),
    cancelling: false,
    paused: false,
    subtasks: new Map(),
    attempts: new Map(),
    ready: new Set(),
    inWork: new Set(),
    working: new Set(),
    preparing: new Map(),
    dependants: new Map(),
    permissions: new Map(),
    checkpoints: new Map(),
    integrated: event.base,
    integrationOrder: [],
    evidence: new Map(),
    checks: new Map(),
    application: undefined,
    applied: undefined,
    costUsd: 0,
    committedUsd: 0,
    tokens: 0,
    breaker: CLOSED,
    committedTokens: 0,
    workedMs: 0,
    workingSince: undefined,
    drivenAt: record.at,
    drivenBy: record.epoch,
    openAttempts: 0,
    lastSeq: record.seq,
  };
}
