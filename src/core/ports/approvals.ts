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
  /** Paths with uncommitted changes that the run will not see. */
  readonly dirtyPaths: readonly string[];
  readonly branch: string | null;
  /** Commands that workers may run without asking. */
  readonly checkCommands: readonly string[];
  /** Commands that are run on everything that is merged. */
  readonly checks: readonly Check[];
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

/** Asks the person. An aborted question is withdrawn. */
export interface Approvals {
  approvePlan(question: PlanQuestion, signal: AbortSignal): Promise<{ approved: boolean; by: 'person' | 'setting' }>;
  decidePermission(question: PermissionQuestion, signal: AbortSignal): Promise<{ allow: boolean; reason: string }>;
}
