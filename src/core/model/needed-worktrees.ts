import { isInWork, type RunState } from './run.ts';

/** Name of the worktree in which a person resolves a conflict of this attempt's result. */
export const resolutionSlot = (attempt: string): string => `${attempt}-conflict`;

/** Names of the worktrees of a run that somebody works in, or is asked to. */
export function neededWorktrees({ attempts, subtasks }: RunState): string[] {
  const asked = [...subtasks.values()].flatMap(({ returned, status }) =>
    returned?.asks && isInWork(status) ? resolutionSlot(returned.attempt) : [],
  );
  return [...asked, ...[...attempts.values()].filter(({ ended }) => !ended).map(({ id }) => id)];
}
