import type { EventOf } from '../../src/core/model/events.ts';
import type { RunState, SubtaskState } from '../../src/core/model/run.ts';
import { tokensOf } from '../../src/core/model/tokens.ts';
import type { Truth } from './truth.ts';

const MINUTE = 60_000;
/** A launch is decided on at most so long before its intent is on disk: it may wait for room on the disk. */
const DECIDED_MS = 60 * MINUTE;

/** What must hold for a subtask's own limits and the run's time at a launch; `at` by the wall clock. */
export function checkLimits(truth: Truth, state: RunState, event: EventOf<'attempt.launching'>, at: number): void {
  const own = state.subtasks.get(event.subtask ?? '');
  if (!own) return;
  const { usd, tokens } = own.subtask.budget ?? {};
  const used = usedBy(state, own);
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
  const { usd, tokens } = own.subtask.budget ?? {};
  const used = usedBy(state, own);
  return (usd !== undefined && used.usd > usd / 2) || (tokens !== undefined && used.tokens > tokens / 2);
}

function usedBy(state: RunState, { attempts }: SubtaskState): { readonly usd: number; readonly tokens: number } {
  const usages = attempts.flatMap((id) => state.attempts.get(id)?.usage ?? []);
  return {
    usd: usages.reduce((sum, { costUsd }) => sum + costUsd, 0),
    tokens: usages.reduce((sum, usage) => sum + tokensOf(usage), 0),
  };
}
