import type { Usage } from '../model/events.ts';
import type { MutableAttempt, MutableRun } from './mutable.ts';

export const NOTHING_USED: Usage = { costUsd: 0, inputTokens: 0, outputTokens: 0 };

/** What a session had used before this attempt went on with it: the CLI counts a session on. */
export function sessionUsageBefore(run: MutableRun, attempt: MutableAttempt, session: string): Usage {
  // It is told again with every turn.
  if (attempt.session !== undefined) return attempt.usedBefore;
  const earlier = run.attempts.get(attempt.continues ?? '');
  if (earlier?.session !== session) return NOTHING_USED;
  let last = earlier;
  // Attempts that went on with it and failed have added to it.
  for (const other of run.attempts.values()) if (other.session === session && other !== attempt) last = other;
  return plus(last.usedBefore, last.usage);
}

/** Takes in what an attempt has used in all so far. */
export function settleUsage(run: MutableRun, attempt: MutableAttempt, usage: Usage): void {
  run.costUsd += usage.costUsd - attempt.usage.costUsd;
  run.committedUsd += over(usage.costUsd, attempt) - over(attempt.usage.costUsd, attempt);
  attempt.usage = usage;
}

/** Never below zero: a session may count anew. */
export function withoutUsage(a: Usage, b: Usage): Usage {
  return {
    costUsd: Math.max(a.costUsd - b.costUsd, 0),
    inputTokens: Math.max(a.inputTokens - b.inputTokens, 0),
    outputTokens: Math.max(a.outputTokens - b.outputTokens, 0),
  };
}

const plus = (a: Usage, b: Usage): Usage => ({
  costUsd: a.costUsd + b.costUsd,
  inputTokens: a.inputTokens + b.inputTokens,
  outputTokens: a.outputTokens + b.outputTokens,
});

/** What an attempt has spent beyond its budget. */
function over(costUsd: number, attempt: MutableAttempt): number {
  return Math.max(costUsd - attempt.budgetUsd, 0);
}
