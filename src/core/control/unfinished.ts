import { isInWork, type RunState, type SubtaskState } from '../model/run.ts';

/** Subtasks would still be started if a person had not paused the run or one of them. */
export function isHeldBack(run: RunState): boolean {
  return [...run.subtasks.values()].some(({ status, paused }) => status === 'waiting' && (run.paused || paused));
}

/** Whoever is worked on waits for room on the disk: no attempt of this run gives any back. */
export function waitsForRoomAlone({ subtasks }: RunState, inHand: Iterable<string>): boolean {
  const states = [...inHand].map((id) => subtasks.get(id));
  // One batch is merged after the other.
  const isHeldUp = states.some((state) => state?.status === 'integrating' && state.room !== undefined);
  const waits = (state: SubtaskState | undefined): boolean =>
    state?.room !== undefined || (isHeldUp && state?.status === 'integrating');
  return states.length > 0 && states.every(waits);
}

/**
 * Subtasks whose attempt has not ended, whose accepted result is not integrated, or whose last attempt failed without
 * a word on what follows from it.
 */
export function unfinished(run: RunState): string[] {
  const states = [...run.subtasks.values()];
  const open = states.filter(({ status, attempts, forgiven, returned, backOff }) => {
    if (status !== 'waiting') return isInWork(status);
    if (returned?.asks) return true;
    const last = attempts.at(-1) ?? '';
    // What follows from a result that came back, or from a failure, was decided.
    if (attempts.length <= forgiven || last === returned?.attempt || last === backOff?.attempt) return false;
    return run.attempts.get(last)?.ended !== undefined;
  });
  const endOf = ({ attempts }: SubtaskState): number => run.attempts.get(attempts.at(-1) ?? '')?.ended?.at ?? 0;
  // Results are integrated in the order in which they came.
  return open.sort((a, b) => endOf(a) - endOf(b)).map(({ subtask }) => subtask.id);
}
