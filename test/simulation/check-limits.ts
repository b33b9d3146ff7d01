import type { EventOf } from '../../src/core/model/events.ts';
import type { Limits } from '../../src/core/model/plan.ts';
import type { AttemptState, RunState, SubtaskState } from '../../src/core/model/run.ts';
import { brokenOff, isBrokenOff } from '../../src/core/model/spent.ts';
import { tokensOf } from '../../src/core/model/tokens.ts';
import type { Truth } from './truth.ts';

const MINUTE = 60_000;
/** A launch is decided on at most so long before its intent is on disk: it may wait for room on the disk. */
const DECIDED_MS = 60 * MINUTE;

/** What must hold for a subtask's own limits and the run's time at a launch; `at` by the wall clock. */
export function checkLimits(truth: Truth, state: RunState, event: EventOf<'attempt.launching'>, at: number): void {
  const own = state.subtasks.get(event.subtask ?? '');
  if (!own) return;
  const { usd, tokens, attempt } = own.subtask.budget ?? {};
  const used = usedBy(attemptsOf(state, own));
  const one = usedBy(brokenOff(state, own));
  truth.must(
    event.budgetUsd + one.usd <= (attempt?.usd ?? Number.POSITIVE_INFINITY) + Math.max(one.usd, 1e-6) * 1e-6,
    'budget',
    `${event.attempt} may come to $${event.budgetUsd + one.usd} with what it goes on with`,
  );
  truth.must(
    (event.budgetTokens ?? 0) + one.tokens <= (attempt?.tokens ?? Number.POSITIVE_INFINITY),
    'budget',
    `${event.attempt} may come to ${(event.budgetTokens ?? 0) + one.tokens} tokens with what it goes on with`,
  );
  const [usdThen, tokensThen] = [used.usd + event.budgetUsd, used.tokens + (event.budgetTokens ?? 0)];
  truth.must(
    usd === undefined || usdThen <= usd + 1e-6,
    'budget',
    `${event.attempt} may come to $${usdThen} of $${usd}`,
  );
  truth.must(
    tokens === undefined || tokensThen <= tokens,
    'budget',
    `${event.attempt} may come to ${tokensThen} tokens`,
  );
  if (truth.jumpedAt > truth.now() - DECIDED_MS || event.budgetMs === undefined) return;
  const { workedMs, workingSince, settings } = state;
  const worked = workedMs + (workingSince === undefined ? 0 : Math.max(0, at - workingSince));
  const most = settings.maxMinutes * MINUTE + DECIDED_MS;
  truth.must(worked + event.budgetMs <= most, 'budget', `${event.attempt} may go on beyond the run's time`);
}

/** Whether no attempt at it may start any more, since its own limit is as good as used up. */
export function isUsedUp(state: RunState, own: SubtaskState): boolean {
  const { attempt, ...all } = own.subtask.budget ?? {};
  return isPast(all, usedBy(attemptsOf(state, own))) || isPast(attempt ?? {}, usedBy(brokenOff(state, own)));
}

/** Whether there is too little of the run's budget left for a full share. */
export function isShort({ settings, costUsd, tokens, workedMs }: RunState): boolean {
  const left = settings.maxCostUsd - costUsd;
  const tokensLeft = settings.maxTokens - tokens;
  const isOfMoney = left < settings.maxCostUsd / settings.concurrency;
  const isOfTokens = tokensLeft < settings.maxTokens / settings.concurrency;
  return isOfMoney || isOfTokens || settings.maxMinutes - workedMs / MINUTE < settings.attemptMinutes;
}

/** What a budget broke off is given up only when there is no more. */
export function checkGivenUp(truth: Truth, state: RunState, own: SubtaskState, last: AttemptState | undefined): void {
  if (!last || !isBrokenOff(last)) return;
  const isOver = isShort(state) || isUsedUp(state, own);
  truth.must(isOver, 'budget', `${last.id} is given up with $${state.settings.maxCostUsd - state.costUsd} left`);
}

function isPast({ usd, tokens }: Limits, used: Used): boolean {
  return (usd !== undefined && used.usd > usd / 2) || (tokens !== undefined && used.tokens > tokens / 2);
}

function attemptsOf(state: RunState, { attempts }: SubtaskState): AttemptState[] {
  return attempts.flatMap((id) => state.attempts.get(id) ?? []);
}

interface Used {
  readonly usd: number;
  readonly tokens: number;
}

function usedBy(attempts: readonly AttemptState[]): Used {
  const usages = attempts.map(({ usage }) => usage);
  return {
    usd: usages.reduce((sum, { costUsd }) => sum + costUsd, 0),
    tokens: usages.reduce((sum, usage) => sum + tokensOf(usage), 0),
  };
}
