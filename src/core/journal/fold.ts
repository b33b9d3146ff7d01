import { OrchestratorError } from '../model/error.ts';
import type { EventOf, JournalRecord } from '../model/events.ts';
import type { RunState, SubtaskStatus } from '../model/run.ts';
import { foldAttempt } from './fold-attempt.ts';
import { foldCheckpoints } from './fold-checkpoints.ts';
import type { MutableRun, MutableSubtask } from './mutable.ts';
import { addSubtask, indexSubtasks, setStatus } from './status.ts';

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
    if ('attempt' in event && event.type !== 'integration.started' && event.type !== 'integration.merged') {
      foldAttempt(this.#run, event, record.at);
    } else this.#foldRun(event, record.at);
    foldCheckpoints(this.#run, record);
  }

  #foldRun(event: JournalRecord['event'], at: number): void {
    const run = this.#run;
    switch (event.type) {
      case 'plan.proposed':
        run.plan = event.plan;
        run.status = 'awaiting-approval';
        run.dependants.clear();
        for (const subtask of event.plan.subtasks) addSubtask(run, subtask);
        indexSubtasks(run);
        return;
      case 'plan.approved':
        run.approved = true;
        run.status = 'running';
        return;
      case 'integration.started':
        setStatus(run, this.#subtask(event.subtask), 'integrating');
        return;
      case 'integration.merged': {
        const subtask = this.#subtask(event.subtask);
        setStatus(run, subtask, 'completed');
        subtask.reason = undefined;
        subtask.endedAt = at;
        run.integrated = event.commit;
        run.integrationOrder.push(event.subtask);
        return;
      }
      case 'subtask.failed': {
        const subtask = this.#subtask(event.subtask);
        setStatus(run, subtask, 'failed');
        subtask.reason = event.reason;
        subtask.endedAt = at;
        this.#block(event.subtask);
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
      case 'apply.done':
        run.applied = { commit: event.commit, branch: event.branch, files: event.files };
        return;
      default:
        return;
    }
  }

  #subtask(id: string): MutableSubtask {
    const subtask = this.#run.subtasks.get(id);
    if (!subtask)
      throw new OrchestratorError(
        'journal-damaged',
        `The journal names the subtask "${id}", which is not in its plan.`,
      );
    return subtask;
  }

  #block(failed: string): void {
    const open = [failed];
    for (let from = open.pop(); from !== undefined; from = open.pop()) {
      for (const id of this.#run.dependants.get(from) ?? []) {
        const subtask = this.#subtask(id);
        if (subtask.status !== 'waiting') continue;
        setStatus(this.#run, subtask, 'blocked');
        subtask.reason = `It does not start because "${failed}" failed.`;
        open.push(id);
      }
    }
  }

  #cancelOpen(): void {
    const ended: readonly SubtaskStatus[] = ['completed', 'failed', 'blocked'];
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
    applied: undefined,
    costUsd: 0,
    committedUsd: 0,
    lastSeq: record.seq,
  };
}
