import { type Budget, NO_BUDGET } from '../model/budget.ts';
import type { RunState, SubtaskState } from '../model/run.ts';
import { reserve } from './admission/budgets.ts';
import type { Conditions, Moment, Refusal } from './admission/check.ts';
import { RUN_CHECKS, SUBTASK_CHECKS } from './admission/list.ts';
import { roomText } from './admission/room.ts';
import { runGoesOn } from './admission/run-goes-on.ts';

/** What a waiting subtask waits for; undefined when nothing holds it, or when it does not wait. */
export function waitingFor(run: RunState, id: string, conditions: Conditions): Refusal | undefined {
  const state = run.subtasks.get(id);
  if (state?.status !== 'waiting') return undefined;
  const moment: Moment = { ...conditions, run, launching: run.preparing.size, reserved: reservedIn(run) };
  const starts = runGoesOn(moment);
  if (starts && (run.endedAt === undefined || run.status === 'planned')) return starts;
  for (const check of SUBTASK_CHECKS) {
    const refusal = check(moment, state);
    if (refusal) return refusal;
  }
  const reservation = reserve(moment, state);
  // A run that has ended says what kept it from going on, which no worker and no memory did.
  const checks = run.endedAt === undefined ? RUN_CHECKS : [];
  for (const check of checks) {
    const refusal = check(moment);
    if (refusal) return refusal;
  }
  return reservation.ok ? starts : reservation.refusal;
}

/** What those whose worktrees are made ready may use: the journal has no word of their attempts yet. */
function reservedIn({ preparing }: RunState): Budget {
  let { usd, tokens, ms } = NO_BUDGET;
  for (const budget of preparing.values()) {
    usd += budget.usd;
    tokens += budget.tokens;
    ms += budget.ms;
  }
  return { usd, tokens, ms };
}

/** Why a subtask is not under way, for a person: what it waits for, or why it failed or is blocked. */
export function reasonOf(run: RunState, state: SubtaskState, conditions: Conditions): string | undefined {
  if (state.status === 'integrating' && state.room !== undefined) return roomText(state.room);
  return waitingFor(run, state.subtask.id, conditions)?.reason ?? state.reason;
}
