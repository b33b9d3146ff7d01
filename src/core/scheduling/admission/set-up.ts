import type { SubtaskCheck } from './check.ts';

/** A launch need not ask: what is being made ready is in hand. */
export const itsWorktreeIsReady: SubtaskCheck = ({ run }, { subtask: { id } }) =>
  run.preparing.has(id) ? { waitsFor: 'set-up', reason: 'its worktree is made ready' } : undefined;
