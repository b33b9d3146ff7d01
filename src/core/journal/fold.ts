import { OrchestratorError } from '../model/error.ts';
import type { EventOf, JournalRecord } from '../model/events.ts';
import { isGraphChange } from '../model/graph-change.ts';
import type { RunState, SubtaskStatus } from '../model/run.ts';
import { foldAttempt } from './fold-attempt.ts';
import { foldCheckpoints } from './fold-checkpoints.ts';
import { block, foldGraph } from './fold-graph.ts';
import { foldIntegration, type IntegrationEvent, isOfIntegration } from './fold-integration.ts';
import type { MutableRun } from './mutable.ts';
import { addSubtask, indexSubtasks, setStatus, subtaskIn } from './status.ts';

/**
 * Folds a run's journal into its state. The fold owns the state and changes it in place (amortised O(1) an event);
 * callers hold a read-only view that is current after every `apply`.
 */
export class RunFold {
  readonly #run: MutableRun;

  private constructor(run: MutableRun) {
    this.#run = run;
  }

  /** Starts from a journal's first record, which must be `run.created`. */
  static start(record: JournalRecord): RunFold {
    if (record.event.type !== 'run.created') {
      throw new OrchestratorError(
        'journal-damaged',
        `A journal starts with "run.created", this one with "${record.event.type}".`,
      );
    }
    return new RunFold(created(record.event, record));
  }

  /** Folds a whole journal; throws `journal-damaged` when it is empty or does not start as it must. */
  static of(records: Iterable<JournalRecord>): RunFold {
    let fold: RunFold | undefined;
    for (const record of records) {
      if (fold) fold.apply(record);
      else fold = RunFold.start(record);
    }
    if (!fold) throw new OrchestratorError('journal-damaged', 'The journal has no events.');
    return fold;
  }

  get state(): RunState {
    return this.#run;
  }

  /** Takes in the next record; a record that was taken in before changes nothing. */
  apply(record: JournalRecord): void {
    if (record.seq <= this.#run.lastSeq) return;
    this.#run.lastSeq = record.seq;
    const { event } = record;
    if (isOfIntegration(event)) foldIntegration(this.#run, event, record.at);
    else if ('attempt' in event) foldAttempt(this.#run, event, record.at);
    else if (isGraphChange(event)) foldGraph(this.#run, event, record.at);
    else this.#foldRun(event, record.at);
    foldCheckpoints(this.#run, record);
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
        run.approved = true;
        run.status = 'running';
        return;
      case 'subtask.failed': {
        const subtask = subtaskIn(run, event.subtask);
        setStatus(run, subtask, 'failed');
        subtask.reason = event.reason;
        subtask.endedAt = at;
        block(run, event.subtask, 'failed');
        return;
      }
      case 'subtask.backed-off': {
        const { after: attempt, untilMs, ms } = event;
        subtaskIn(run, event.subtask).backOff = { attempt, untilMs, ms };
        return;
      }
      case 'run.paused':
      case 'run.resumed':
        run.paused = event.type === 'run.paused';
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
      case 'apply.done':
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
    cancelling: false,
    paused: false,
    subtasks: new Map(),
    attempts: new Map(),
    ready: new Set(),
    inWork: new Set(),
    working: new Set(),
    dependants: new Map(),
    missing: new Map(),
    permissions: new Map(),
    checkpoints: new Map(),
    integrated: event.base,
    integrationOrder: [],
    evidence: new Map(),
    checks: new Map(),
    applied: undefined,
    costUsd: 0,
    committedUsd: 0,
    tokens: 0,
    committedTokens: 0,
    workedMs: 0,
    workingSince: undefined,
    openAttempts: 0,
    lastSeq: record.seq,
  };
}
