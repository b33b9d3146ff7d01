import type { AttemptState, PendingPermission, RunState, SubtaskState } from '../model/run.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export type MutableAttempt = Omit<Mutable<AttemptState>, 'decisions'> & { decisions: Map<string, 'allow' | 'deny'> };
export type MutableSubtask = Omit<Mutable<SubtaskState>, 'attempts'> & { attempts: string[] };

/** The fold's own side of `RunState`. */
export type MutableRun = Omit<Mutable<RunState>, 'subtasks' | 'attempts' | 'permissions' | 'integrationOrder'> & {
  subtasks: Map<string, MutableSubtask>;
  attempts: Map<string, MutableAttempt>;
  permissions: Map<string, PendingPermission>;
  integrationOrder: string[];
};
