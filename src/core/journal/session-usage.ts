import type { Usage } from '../model/usage.ts';
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
  // The session's own count goes on from the last turn that it told of.
  return plus(last.usedBefore, withoutUsage(last.usage, last.untold ?? NOTHING_USED));
}

/** Never below zero: a session may count anew. */
export function withoutUsage(a: Usage, b: Usage): Usage {
  return {
    costUsd: Math.max(a.costUsd - b.costUsd, 0),
    inputTokens: Math.max(a.inputTokens - b.inputTokens, 0),
    outputTokens: Math.max(a.outputTokens - b.outputTokens, 0),
    ...cacheRead(Math.max((a.cacheReadTokens ?? 0) - (b.cacheReadTokens ?? 0), 0)),
  };
}

export const plus = (a: Usage, b: Usage): Usage => ({
  costUsd: a.costUsd + b.costUsd,
  inputTokens: a.inputTokens + b.inputTokens,
  outputTokens: a.outputTokens + b.outputTokens,
  ...cacheRead((a.cacheReadTokens ?? 0) + (b.cacheReadTokens ?? 0)),
});

const cacheRead = (cacheReadTokens: number): Partial<Usage> => (cacheReadTokens > 0 ? { cacheReadTokens } : {});
