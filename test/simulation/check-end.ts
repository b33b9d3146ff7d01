import { integrationRef } from '../../src/core/integration/integration-ref.ts';
import { baseRef } from '../../src/core/model/refs.ts';
import { isSatisfied, type RunState, type SubtaskState } from '../../src/core/model/run.ts';
import { tokensOf } from '../../src/core/model/tokens.ts';
import { checkAnswered } from './check-asked.ts';
import { isUsedUp } from './check-limits.ts';
import { checkLeft } from './check-record.ts';
import { BASE, LATER_BASE } from './repository.ts';
import type { Truth } from './truth.ts';

/** What must hold when a run has ended. */
export function checkEnd(truth: Truth, state: RunState): void {
  const { git } = truth;
  checkLeft(truth);
  truth.must(state.permissions.size === 0, 'nothing-left', 'questions are left');
  const tip = git.refs.get(integrationRef(state.id)) ?? state.base;
  truth.must(tip === state.integrated, 'ref-is-the-journal', 'at the end the ref is elsewhere');
  const kept = state.base === BASE || state.base === LATER_BASE || git.refs.get(baseRef(state.id)) === state.base;
  truth.must(kept, 'ref-is-the-journal', 'nothing keeps the snapshot that the run started from');
  const held = git.contentOf(tip);
  for (const [id, { status }] of state.subtasks)
    truth.must((status === 'completed') === held.has(id), 'accepted-is-in-the-result', `${id} is ${status}`);
  checkMoney(truth, state);
  checkAnswered(truth, state);
  checkReasons(truth, state);
}

function checkMoney(truth: Truth, state: RunState): void {
  let told = 0;
  for (const { id, subtask, usage, untold, turns, iterations, carried, ended } of state.attempts.values()) {
    if (carried) continue;
    const really = truth.machine.folders.get(id)?.truth ?? { turns: 0, costUsd: 0, tokens: 0, messages: 0 };
    truth.must(turns <= really.turns, 'ingested-once', `${id} has ${turns} turns instead of ${really.turns}`);
    truth.must(
      subtask === null || really.messages <= iterations,
      'findings-as-allowed',
      `${id} was told ${really.messages} times`,
    );
    const toldUsd = usage.costUsd - (untold?.costUsd ?? 0);
    truth.must(toldUsd <= really.costUsd + 1e-9, 'ingested-once', `${id} cost ${really.costUsd}`);
    const folder = truth.machine.folders.get(id);
    // In a turn that was broken off too.
    if (folder?.truncated !== true)
      truth.must(
        tokensOf(usage) === really.tokens,
        'ingested-once',
        `${id} took ${really.tokens} tokens, not ${tokensOf(usage)}`,
      );
    // It has said all that it did.
    if (ended?.outcome === 'accepted' && folder?.truncated === false)
      truth.must(Math.abs(usage.costUsd - really.costUsd) < 1e-6, 'ingested-once', `${id} cost ${really.costUsd}`);
    told += usage.costUsd;
  }
  truth.must(Math.abs(told - state.costUsd) < 1e-6, 'ingested-once', `the run cost ${told}, not ${state.costUsd}`);
  truth.must(Math.abs(told - state.committedUsd) < 1e-6, 'budget', `$${state.committedUsd - told} stay reserved`);
  let tokens = 0;
  for (const { usage } of state.attempts.values()) tokens += tokensOf(usage);
  truth.must(tokens === state.tokens, 'ingested-once', `the run took ${tokens} tokens, not ${state.tokens}`);
  truth.must(tokens === state.committedTokens, 'budget', `${state.committedTokens - tokens} tokens stay reserved`);
  truth.must(state.workingSince === undefined, 'budget', 'its time goes on after its end');
}

function checkReasons(truth: Truth, state: RunState): void {
  const { given } = truth;
  const all = [...state.subtasks.values()];
  truth.must(['completed', 'failed', 'cancelled'].includes(state.status), 'named-reason', `it ends ${state.status}`);
  truth.must(state.status !== 'cancelled' || truth.cancelled, 'named-reason', 'nobody cancelled it');
  truth.must(!state.cancelling || state.status === 'cancelled', 'cancel-is-final', `it ends ${state.status}`);
  if (!state.plan) {
    truth.must(state.status !== 'completed', 'named-reason', 'it is completed without a plan');
    truth.must((state.detail ?? '') !== '', 'named-reason', 'there is no plan, and no reason');
    return;
  }
  const done = all.every(({ status }) => isSatisfied(status));
  truth.must(
    done ? state.status !== 'failed' : state.status !== 'completed',
    'named-reason',
    `it ends ${state.status}`,
  );
  if (state.status === 'failed' && given.nobodyCanBeAsked !== true)
    truth.must(/ subtasks are merged/.test(state.detail ?? ''), 'named-reason', `it ends with "${state.detail}"`);
  for (const one of all) checkReason(truth, state, one);
}

function checkReason(truth: Truth, state: RunState, one: SubtaskState): void {
  const { subtask, status, reason } = one;
  const { id } = subtask;
  const cancelled = state.status === 'cancelled';
  const open = ['running', 'validating', 'integrating', 'cancelled'].includes(status);
  if (truth.given.nobodyCanBeAsked === true) return;
  truth.must(!open || (truth.cancelled && status === 'cancelled'), 'named-reason', `${id} ends ${status}`);
  if (status === 'failed' || status === 'blocked')
    truth.must((reason ?? '') !== '', 'named-reason', `${id} is ${status} without a reason`);
  if (status === 'blocked') {
    const because = subtask.dependsOn.map((name) => state.subtasks.get(name)?.status);
    const isHopeless = because.some((one) => one === 'failed' || one === 'blocked' || one === 'cancelled');
    truth.must(isHopeless, 'named-reason', `${id} is blocked`);
  }
  if (status === 'waiting') {
    const ready = subtask.dependsOn.every((name) => isSatisfied(state.subtasks.get(name)?.status));
    const hopeless = subtask.dependsOn.some((name) =>
      ['failed', 'blocked'].includes(state.subtasks.get(name)?.status ?? ''),
    );
    truth.must(!hopeless || cancelled, 'named-reason', `${id} waits for what has failed`);
    truth.must(
      !ready || isUsedUp(state, one),
      'named-reason',
      `${id} does not start with $${state.settings.maxCostUsd - state.costUsd} left`,
    );
  }
}
