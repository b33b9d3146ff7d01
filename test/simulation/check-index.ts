import type { RunState } from '../../src/core/model/run.ts';
import { tokensOf } from '../../src/core/model/tokens.ts';
import type { Truth } from './truth.ts';

/** What the fold keeps beside the subtasks and attempts themselves, found anew from these. */
export function checkIndexes(truth: Truth, state: RunState): void {
  const all = [...state.subtasks.values()];
  const idsOf = (fits: (one: (typeof all)[number]) => boolean): string =>
    namesOf(all.filter(fits).map(({ subtask }) => subtask.id));
  const isDone = (id: string): boolean =>
    ['completed', 'skipped'].includes(state.subtasks.get(id)?.status ?? 'missing');
  const same = (what: string, kept: Iterable<string>, found: string): void =>
    truth.must(namesOf(kept) === found, 'indexes-are-true', `${what}: ${namesOf(kept)} instead of ${found}`);
  same(
    'ready',
    state.ready,
    idsOf(({ status, subtask }) => status === 'waiting' && subtask.dependsOn.every(isDone)),
  );
  same(
    'in work',
    state.inWork,
    idsOf(({ status }) => ['running', 'validating', 'integrating'].includes(status)),
  );
  same(
    'working',
    state.working,
    idsOf(({ status }) => ['running', 'validating'].includes(status)),
  );
  for (const { subtask, status } of all) {
    const isBlocked = subtask.dependsOn.some((id) =>
      ['failed', 'blocked', 'cancelled'].includes(state.subtasks.get(id)?.status ?? ''),
    );
    truth.must(
      status !== 'waiting' || !isBlocked || state.cancelling,
      'indexes-are-true',
      `${subtask.id} waits for what has failed`,
    );
  }
  checkCommitted(truth, state);
}

/** What is spent, and what open attempts may still spend. */
function checkCommitted(truth: Truth, state: RunState): void {
  let [usd, tokens] = [0, 0];
  for (const { ended, budgetUsd, budgetTokens, usage } of state.attempts.values()) {
    usd += ended ? usage.costUsd : Math.max(budgetUsd, usage.costUsd);
    tokens += ended ? tokensOf(usage) : Math.max(budgetTokens, tokensOf(usage));
  }
  truth.must(Math.abs(usd - state.committedUsd) < 1e-6, 'indexes-are-true', `$${state.committedUsd}, not $${usd}`);
  truth.must(tokens === state.committedTokens, 'indexes-are-true', `${state.committedTokens} tokens, not ${tokens}`);
  const { workedMs, workingSince } = truth.ledger;
  truth.must(
    workedMs === state.workedMs && workingSince === state.workingSince,
    'indexes-are-true',
    `it has worked ${state.workedMs} ms since ${state.workingSince}, not ${workedMs} ms since ${workingSince}`,
  );
  const isWorking = [...state.attempts.values()].some(({ ended }) => !ended);
  truth.must(
    isWorking === (state.workingSince !== undefined),
    'indexes-are-true',
    'its time goes on without an attempt',
  );
}

const namesOf = (ids: Iterable<string>): string => [...ids].sort().join(' ');
