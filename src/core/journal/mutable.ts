import type { Budget } from '../model/budget.ts';
import type { CheckpointRecord } from '../model/checkpoint.ts';
import type { CheckEvidence, CheckSummary } from '../model/checks.ts';
import type { ControlAnswer } from '../model/control.ts';
import type { AttemptState, PendingPermission, RunState, SubtaskState } from '../model/run.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export type MutableAttempt = Omit<Mutable<AttemptState>, 'decisions'> & { decisions: Map<string, 'allow' | 'deny'> };
/** Its status changes through `setStatus` alone, which keeps the indexes true. */
export type MutableSubtask = Omit<Mutable<SubtaskState>, 'attempts' | 'status'> & {
  readonly status: SubtaskState['status'];
  attempts: string[];
  /** How many of its dependencies are not completed. */
  missing: number;
};

export type MutableCheckpoint = Mutable<CheckpointRecord>;

/** The fold's own side of `RunState`. */
export type MutableRun = Omit<
  Mutable<RunState>,
  | 'subtasks'
  | 'attempts'
  | 'checkpoints'
  | 'permissions'
  | 'evidence'
  | 'checks'
  | 'integrationOrder'
  | 'ready'
  | 'inWork'
  | 'working'
  | 'preparing'
  | 'dependants'
  | 'handled'
  | 'pinned'
  | 'answered'
> & {
  checkpoints: Map<string, MutableCheckpoint>;
  subtasks: Map<string, MutableSubtask>;
  attempts: Map<string, MutableAttempt>;
  permissions: Map<string, PendingPermission>;
  integrationOrder: string[];
  evidence: Map<string, ReadonlyMap<string, CheckEvidence>>;
  checks: Map<string, CheckSummary>;
  handled: Map<string, ControlAnswer>;
  pinned: Set<string>;
  answered: Set<string>;
  ready: Set<string>;
  inWork: Set<string>;
  working: Set<string>;
  preparing: Map<string, Budget>;
  dependants: Map<string, string[]>;
  /** How many attempts have not ended. */
  openAttempts: number;
  /** The epoch in which it was last driven. */
  drivenBy: number;
};
