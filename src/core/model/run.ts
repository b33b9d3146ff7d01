import type { Breaker } from './breaker.ts';
import type { Budget } from './budget.ts';
import type { ArchivedSession, CheckpointRecord } from './checkpoint.ts';
import type { CheckEvidence, CheckSummary } from './checks.ts';
import type { ControlAnswer } from './control.ts';
import type { ChangedFile } from './event-fields.ts';
import type { EventOf } from './events.ts';
import type { Evidence, FileReport } from './findings.ts';
import type { Plan, Subtask } from './plan.ts';
import type { Oversized } from './result-size.ts';
import type { RunSettings } from './settings.ts';
import type { Usage } from './usage.ts';

/**
 * `integrating`: its worker has ended, its result is not in yet. `completed` means integrated, nothing less.
 * `skipped`: a person does without its result; nothing depends on it any more.
 * `blocked`: it will not start, because a subtask that it depends on failed.
 */
export type SubtaskStatus =
  | 'waiting'
  | 'running'
  | 'validating'
  | 'integrating'
  | 'completed'
  | 'skipped'
  | 'failed'
  | 'blocked'
  | 'cancelled';

/** Whether nothing is left to do for a subtask of this status, to the person's satisfaction. */
export function isSatisfied(status: SubtaskStatus | undefined): boolean {
  return status === 'completed' || status === 'skipped';
}

/** Whether a subtask of this status has a worker, or a result that is not integrated yet. */
export function isInWork(status: SubtaskStatus): boolean {
  return status === 'running' || status === 'validating' || status === 'integrating';
}

export type RunStatus = 'planning' | 'awaiting-approval' | 'running' | 'completed' | 'failed' | 'cancelled' | 'planned';

export type TurnFailure = NonNullable<EventOf<'attempt.turn-ended'>['failure']>;

export type Verdict = 'passed' | 'failed' | 'incomplete';

/** A question of a worker that nobody has answered yet. */
export interface PendingPermission {
  readonly request: string;
  readonly attempt: string;
  readonly tool: string;
  readonly summary: string;
  readonly askedAt: number;
  /** Once the person is asked: all that is asked, and the question's number in the run. */
  readonly asked: { readonly number: number; readonly text: string } | undefined;
}

export interface AttemptState {
  readonly id: string;
  /** null: the planner. */
  readonly subtask: string | null;
  readonly number: number;
  readonly worktree: string;
  readonly base: string;
  /** The attempt that it goes on with. */
  readonly continues: string | undefined;
  /** Files that conflicted in what its worktree was made of. */
  readonly conflicts: readonly string[];
  /** What its session had used before, in earlier attempts; no part of `usage`. */
  readonly usedBefore: Usage;
  /** What it may spend, in US dollars; a turn that was under way can pass it. */
  readonly budgetUsd: number;
  /** The same in tokens, see `tokensOf`. */
  readonly budgetTokens: number;
  /** How long its worker may work; undefined in journals of old. */
  readonly budgetMs: number | undefined;
  readonly startedAt: number;
  /** How much of the time since then nobody can have worked. */
  readonly sleptMs: number;
  readonly launched: boolean;
  readonly pid: number | undefined;
  readonly session: string | undefined;
  readonly model: string | undefined;
  /** What the worker did last, one line. */
  readonly activity: string | undefined;
  /** Bytes of the stream that the journal has taken in. */
  readonly ingested: number;
  /** Turns of the session that have ended. */
  readonly turns: number;
  readonly lastTurn:
    | {
        readonly failure: TurnFailure | null;
        readonly detail: string;
        /** UUID of its last message. */
        readonly message: string | undefined;
      }
    | undefined;
  /** Answered questions of this worker, by request id; none any more once it has ended. */
  readonly decisions: ReadonlyMap<string, 'allow' | 'deny'>;
  readonly usage: Usage;
  /** Which part of `usage` the CLI told no figures of, since the turn was broken off: its dollars are an estimate. */
  readonly untold: Usage | undefined;
  readonly captured:
    | {
        readonly turn: number;
        readonly commit: string;
        readonly tree: string;
        readonly files: readonly ChangedFile[];
        /** Not in the commit: too large. */
        readonly oversized: Oversized | undefined;
      }
    | undefined;
  readonly validated:
    | {
        readonly turn: number;
        readonly verdict: Verdict;
        readonly files: readonly FileReport[];
        readonly evidence: readonly Evidence[];
      }
    | undefined;
  /** It has no worker: its result comes from an earlier attempt, of this key where it is re-used. */
  readonly carried:
    | {
        readonly why: 'restored' | 'reused' | 'person';
        readonly from: { readonly run: string; readonly attempt: string };
        readonly key: string | undefined;
        /** Of the attempt that it comes from; the next attempt goes on with it where this one is not accepted. */
        readonly session: ArchivedSession | undefined;
      }
    | undefined;
  /** Why no earlier result was taken instead of a worker; undefined where there was none. */
  readonly notReused: string | undefined;
  /** How often findings were sent back, in the attempts that it goes on with too, and after which turn the last time (0: never). */
  readonly iterations: number;
  readonly sentBackTurn: number;
  /** Its session failed while the API failed everybody, which says nothing about it. */
  readonly inOutage: boolean;
  /** A person wants its worker ended. */
  readonly ending: boolean;
  readonly ended:
    | {
        readonly at: number;
        readonly exitCode: number | null;
        readonly outcome: EventOf<'attempt.ended'>['outcome'];
        readonly detail: string;
        /** Its supervisor went away while the run was driven. */
        readonly lost: boolean;
      }
    | undefined;
}

/** A result that came back from the integration. */
export interface ReturnedResult {
  readonly attempt: string;
  readonly why: EventOf<'integration.returned'>['why'];
  readonly result: string;
  /** What its worker is told. */
  readonly message: string;
  /** It waits for the person, who resolves the conflict in `opened`. */
  readonly asks: boolean;
  readonly opened: { readonly worktree: string; readonly base: string; readonly paths: readonly string[] } | undefined;
}

export interface SubtaskState {
  readonly subtask: Subtask;
  readonly status: SubtaskStatus;
  /** Why it waits, failed or will not start, for a person; undefined when there is nothing to say. */
  readonly reason: string | undefined;
  readonly attempts: readonly string[];
  /** Its next attempt waits, after this one, until `untilMs` (since 1970), `ms` from when that was decided. */
  readonly backOff: { readonly attempt: string; readonly untilMs: number; readonly ms: number } | undefined;
  /** Why there is no room on the disk for its next attempt; undefined where nobody waits for that. */
  readonly room: string | undefined;
  /** How many of these came before a person let it be tried again: they count for no limit. */
  readonly forgiven: number;
  /** No attempt is begun until a person says so. */
  readonly paused: boolean;
  /** It is skipped as soon as its worker is ended. */
  readonly skipping: boolean;
  /** Commit of the accepted result, on its own base. */
  readonly result: string | undefined;
  /** What the next attempt goes on with; undefined once a later result was accepted. */
  readonly returned: ReturnedResult | undefined;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  /** Where it stands in the run's `integrationOrder`; undefined: nowhere yet. */
  readonly place: number | undefined;
}

/** How a run's result came to the person's branch. */
export interface Application {
  readonly branch: string;
  readonly from: string;
  readonly to: string;
  /** Only files were written; the branch stayed where it was. */
  readonly inPlace: boolean;
  /** Applying or undoing it was begun, and nobody has said how that ended: files may be half written. */
  readonly isUnderWay: boolean;
}

/** Name of the question whether the plan is approved; others are called after their requests. */
export const PLAN_QUESTION = 'plan';

/** The fold of a run's journal. */
export interface RunState {
  readonly id: string;
  readonly task: string;
  readonly repository: string;
  readonly branch: string | null;
  readonly base: string;
  /** The run and checkpoint that this run was restored from, and what had been spent there by then. */
  readonly origin: EventOf<'run.created'>['origin'];
  /** Whether the base is a snapshot with the person's uncommitted changes. */
  readonly uncommitted: boolean;
  readonly settings: RunSettings;
  readonly status: RunStatus;
  readonly detail: string | undefined;
  readonly createdAt: number;
  readonly endedAt: number | undefined;
  /** As it is now, after all changes. */
  readonly plan: Plan | undefined;
  /** Grows with each change of the graph; 0 without a plan. */
  readonly planVersion: number;
  /** Ids of the subtasks that go before all others, the most urgent first. */
  readonly pinned: ReadonlySet<string>;
  /** What came of people's requests, by request id. */
  readonly handled: ReadonlyMap<string, ControlAnswer>;
  readonly approved: boolean;
  /** The person does not want the plan. */
  readonly rejected: boolean;
  /** How many questions people were asked about permissions. */
  readonly questions: number;
  /** The requests of those that people have answered. */
  readonly answered: ReadonlySet<string>;
  readonly cancelling: boolean;
  /** Whether the API answers. */
  readonly breaker: Breaker;
  /** Nothing more is launched. */
  readonly paused: boolean;
  readonly subtasks: ReadonlyMap<string, SubtaskState>;
  readonly attempts: ReadonlyMap<string, AttemptState>;
  /** Ids of the waiting subtasks whose dependencies are all completed, in the order in which they became so. */
  readonly ready: ReadonlySet<string>;
  /** Ids of the subtasks that have a worker, or a result that is not integrated yet. */
  readonly inWork: ReadonlySet<string>;
  /** Ids of those in work that have a worker, as opposed to a result to be integrated. */
  readonly working: ReadonlySet<string>;
  /** Waiting subtask whose next attempt's worktree is made ready → what that attempt may use. */
  readonly preparing: ReadonlyMap<string, Budget>;
  /** Subtask id → ids of the subtasks that depend on it directly. */
  readonly dependants: ReadonlyMap<string, readonly string[]>;
  /** Those that the journal tells of, keyed by id; see `hierarchy` for all. */
  readonly checkpoints: ReadonlyMap<string, CheckpointRecord>;
  /** Keyed by request id. */
  readonly permissions: ReadonlyMap<string, PendingPermission>;
  /** Tip of what has been integrated; the run's base at first. */
  readonly integrated: string;
  /** Subtasks in the order in which they were integrated. */
  readonly integrationOrder: readonly string[];
  /** Trees that may still matter → check → what is known of it there. */
  readonly evidence: ReadonlyMap<string, ReadonlyMap<string, CheckEvidence>>;
  /** The project's checks by name, as they fared so far. */
  readonly checks: ReadonlyMap<string, CheckSummary>;
  /** What `undo` takes back: the last time that the result was applied, or that it was begun. */
  readonly application: Application | undefined;
  readonly applied:
    | { readonly commit: string; readonly branch: string; readonly files: readonly ChangedFile[] }
    | undefined;
  /** Sum over all attempts, in US dollars. */
  readonly costUsd: number;
  /** What is spent and what running attempts may still spend, in US dollars. */
  readonly committedUsd: number;
  /** The same two in tokens. */
  readonly tokens: number;
  readonly committedTokens: number;
  /** How long at least one attempt was open, without the time since `workingSince`, at which the first of the open ones began. */
  readonly workedMs: number;
  readonly workingSince: number | undefined;
  /** When whoever drives it last had a word; what people ask of a run may be recorded where nobody does. */
  readonly drivenAt: number;
  readonly lastSeq: number;
}
