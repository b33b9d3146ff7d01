import { type Budget, NO_BUDGET } from '../../model/budget.ts';
import type { RunState } from '../../model/run.ts';
import { backOffIsOver } from './back-off.ts';
import { apiAnswers } from './breaker.ts';
import { isStillLeft } from './budgets.ts';
import type { Conditions, RunCheck, SubtaskCheck } from './check.ts';
import { dependenciesAreIn } from './dependencies.ts';
import { filesAreNotKept } from './kept-files.ts';
import { memoryIsFree } from './memory.ts';
import { itIsNotPaused } from './pause.ts';
import { thereIsRoom } from './room.ts';
import { runGoesOn } from './run-goes-on.ts';
import { filesAreFree } from './scopes.ts';
import { itsWorktreeIsReady } from './set-up.ts';
import { workerIsFree } from './workers.ts';

/** All of these must agree before anything is launched; budgets are asked last, since they reserve (`budgets.ts`). */
export const RUN_CHECKS: readonly RunCheck[] = [runGoesOn, apiAnswers, workerIsFree, memoryIsFree];

/** What a ready subtask, whose files are free, may still have to wait for. */
export const READY_CHECKS: readonly SubtaskCheck[] = [itIsNotPaused, backOffIsOver, filesAreNotKept];

/** What a person is told first, for a subtask of a run that starts subtasks. */
export const SUBTASK_CHECKS: readonly SubtaskCheck[] = [
  itIsNotPaused,
  dependenciesAreIn,
  backOffIsOver,
  filesAreFree,
  filesAreNotKept,
  thereIsRoom,
  itsWorktreeIsReady,
];

/** Whether what was admitted may begin now that it is made ready: others have worked and asked the API meanwhile. */
export function mayStillStart(run: RunState, budget: Budget, conditions: Conditions): boolean {
  const moment = { ...conditions, run, launching: 0, reserved: NO_BUDGET };
  return isStillLeft(moment, budget) && apiAnswers(moment) === undefined;
}
