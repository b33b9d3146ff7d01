import type { Caps } from '../model/budget.ts';
import type { Check } from '../model/checks.ts';
import type { Plan } from '../model/plan.ts';

export interface PlanQuestion {
  readonly run: string;
  readonly task: string;
  readonly plan: Plan;
  readonly caps: Caps;
  /** How long it will take, and what that rests on; a sentence. */
  readonly estimate: string;
  /** Paths with uncommitted changes that the run will not see, unless the answer includes them. */
  readonly dirtyPaths: readonly string[];
  readonly branch: string | null;
  /** Commands that workers may run without asking. */
  readonly checkCommands: readonly string[];
  /** Commands that are run on everything that is merged. */
  readonly checks: readonly Check[];
  /** Commands that are run in every worktree before a worker starts in it, as argument arrays. */
  readonly setupCommands: readonly (readonly string[])[];
}

export interface PermissionQuestion {
  readonly run: string;
  readonly attempt: string;
  readonly subtask: string | null;
  readonly request: string;
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly summary: string;
}

export interface PlanAnswer {
  readonly approved: boolean;
  readonly by: 'person' | 'setting';
  /** The run shall start from the person's files as they are, not from the last commit. */
  readonly includeUncommitted?: boolean;
}

/** A conflict that no worker could resolve. */
export interface ConflictQuestion {
  readonly run: string;
  readonly subtask: string;
  readonly title: string;
  readonly reason: string;
  /** Absolute path of a worktree with markers in these files, relative to it. */
  readonly folder: string;
  readonly paths: readonly string[];
  /** Why what the person left there last was not accepted, a line each. */
  readonly problems: readonly string[];
  /** Commits: what was merged before, the result that conflicts with it, and what that was made on. */
  readonly base: string;
  readonly result: string;
  readonly before: string;
}

/** `later`: nobody can be asked now. */
export type ConflictAnswer = 'use' | 'give-up' | 'later';

/** Asks the person. An aborted question is withdrawn. */
export interface Approvals {
  approvePlan(question: PlanQuestion, signal: AbortSignal): Promise<PlanAnswer>;
  decidePermission(question: PermissionQuestion, signal: AbortSignal): Promise<{ allow: boolean; reason: string }>;
  resolveConflict(question: ConflictQuestion, signal: AbortSignal): Promise<ConflictAnswer>;
}
