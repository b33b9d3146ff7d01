import { isInWork, type RunState } from './run.ts';

/** Name of the worktree in which a person resolves a conflict of this attempt's result. */
export const resolutionSlot = (attempt: string): string => `${attempt}-conflict`;

/** Name of the worktree in which the person's hooks look at a run's result. */
export const applySlot = (run: string): string => `apply-${run}`;

/** Names of the worktrees of a run in which a person is asked to resolve a conflict. */
export function resolutionSlots({ subtasks }: RunState): string[] {
  return [...subtasks.values()].flatMap(({ returned, status }) =>
    returned?.asks && isInWork(status) ? resolutionSlot(returned.attempt) : [],
  );
}

/** Names of the worktrees of a run that somebody works in, or is asked to. */
export function neededWorktrees(run: RunState): string[] {
  return [...resolutionSlots(run), ...[...run.attempts.values()].filter(({ ended }) => !ended).map(({ id }) => id)];
}
