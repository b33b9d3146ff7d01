import type { EventOf } from '../../src/core/model/events.ts';
import type { AttemptState, RunState, SubtaskState } from '../../src/core/model/run.ts';
import { brokenOff, isBrokenOff } from '../../src/core/model/spent.ts';
import { tokensOf } from '../../src/core/model/tokens.ts';
import type { Truth } from './truth.ts';

const MINUTE = 60_000;
/** A launch is decided on at most so long before its intent is on disk: it may wait for room on the disk. */
const DECIDED_MS = 60 * MINUTE;

/** It is looked at again a minute before at most, and an intent takes a while to the disk. */
const LAUNCHED_MS = 2 * MINUTE;

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
  const { minutes } = own.subtask.budget ?? {};
  truth.must(
    minutes === undefined || used.minutes + (event.budgetMs ?? 0) / MINUTE <= minutes + 0.001,
    'budget',
    `${event.attempt} may come to ${used.minutes + (event.budgetMs ?? 0) / MINUTE} of ${minutes} minutes`,
  );
  if (truth.jumpedAt > truth.now() - DECIDED_MS || event.budgetMs === undefined) return;
  const { workedMs, workingSince, settings } = state;
  const worked = workedMs + (workingSince === undefined ? 0 : Math.max(0, at - workingSince));
  const most = settings.maxMinutes * MINUTE + LAUNCHED_MS;
  truth.must(worked + event.budgetMs <= most, 'budget', `${event.attempt} may go on beyond the run's time`);
}

/** A launch needs this part of its share of what there is. */
const LEAST_PART = 0.25;

/**
 * Whether no attempt at it may start any more, since the run's caps or its own limits are as good as used up; `at` by the
 * wall clock, where something is in work.
 */
export function isUsedUp(state: RunState, own: SubtaskState, part = LEAST_PART, at = 0): boolean {
  const { settings, workedMs, workingSince = at } = state;
  const minutesUsed = (workedMs + Math.max(0, at - workingSince)) / MINUTE;
  const workers = Math.min(settings.concurrency, Math.max(state.subtasks.size, 1));
  const { attempt = {}, ...limits } = own.subtask.budget ?? {};
  const [used, one] = [usedBy(attemptsOf(state, own)), usedBy(brokenOff(state, own))];
  const kinds = [
    { of: 'usd', cap: settings.maxCostUsd, left: settings.maxCostUsd - state.costUsd, most: settings.attemptCostUsd },
    { of: 'tokens', cap: settings.maxTokens, left: settings.maxTokens - state.tokens, most: settings.attemptTokens },
    {
      of: 'minutes',
      cap: settings.maxMinutes,
      left: settings.maxMinutes - minutesUsed,
      most: settings.attemptMinutes,
    },
  ] as const;
  return kinds.some(({ of, cap, left, most }) => {
    const each = Math.min(most ?? Number.POSITIVE_INFINITY, attempt[of] ?? Number.POSITIVE_INFINITY);
    const share = Math.min(of === 'minutes' ? cap : cap / workers, each);
    const limit = limits[of] ?? Number.POSITIVE_INFINITY;
    // A trifle more, since sums of dollars are not exact.
    const isShort = (rest: number, whole: number): boolean => rest < whole * part * (1 + 1e-9) + 1e-9;
    const isOver = of !== 'minutes' && isShort(each - one[of], share);
    return isShort(left, share) || isShort(limit - used[of], Math.min(share, limit)) || isOver;
  });
}

/** What a budget broke off is given up only when there is no more. */
export function checkGivenUp(
  truth: Truth,
  state: RunState,
  own: SubtaskState,
  last: AttemptState | undefined,
  at: number,
): void {
  if (!last || !isBrokenOff(last)) return;
  // Others may be about to use what is left.
  const isOver = isUsedUp(state, own, 1, at);
  truth.must(isOver, 'budget', `${last.id} is given up with $${state.settings.maxCostUsd - state.costUsd} left`);
}

function attemptsOf(state: RunState, { attempts }: SubtaskState): AttemptState[] {
  return attempts.flatMap((id) => state.attempts.get(id) ?? []);
}

interface Used {
  readonly usd: number;
  readonly tokens: number;
  readonly minutes: number;
}

function usedBy(attempts: readonly AttemptState[]): Used {
  const usages = attempts.map(({ usage }) => usage);
  const worked = ({ ended, startedAt, sleptMs }: AttemptState): number =>
    Math.max(0, (ended?.at ?? 0) - startedAt - sleptMs);
  const ms = attempts.reduce((sum, one) => sum + worked(one), 0);
  return {
    usd: usages.reduce((sum, { costUsd }) => sum + costUsd, 0),
    tokens: usages.reduce((sum, usage) => sum + tokensOf(usage), 0),
    minutes: ms / MINUTE,
  };
}

/** It gets no further turn. */
export function isSpent({ usage, budgetUsd, budgetTokens }: AttemptState): boolean {
  const tokens = tokensOf(usage);
  return (tokens > 0 && tokens >= budgetTokens) || (usage.costUsd > 0 && usage.costUsd >= budgetUsd);
}
