import { integrationRef } from '../../src/core/integration/integration-ref.ts';
import type { EventOf, RunEvent } from '../../src/core/model/events.ts';
import { isGraphChange } from '../../src/core/model/graph-change.ts';
import type { AttemptState, RunState } from '../../src/core/model/run.ts';
import { isBrokenOff } from '../../src/core/model/spent.ts';
import { tokensOf } from '../../src/core/model/tokens.ts';
import type { Usage } from '../../src/core/model/usage.ts';
import { checkAsked } from './check-asked.ts';
import { checkGivenUp, isSpent } from './check-limits.ts';
import { checkNext, checkOutcome, countsAsFailure, repeatedLosses } from './check-outcome.ts';
import { checkNotRepeated, checkReused } from './check-reused.ts';
import type { Truth } from './truth.ts';

/** What must hold when an event becomes part of the journal; `state` is the one before it. */
export function checkRecord(truth: Truth, state: RunState, event: RunEvent, at: number): void {
  truth.must(state.endedAt === undefined || isAfterEnd(event), 'ended-is-final', `${event.type} after the end`);
  checkAsked(truth, state, event);
  if (event.type === 'attempt.launching') checkNext(truth, state, event, at);
  if (event.type === 'attempt.ended') checkOutcome(truth, state, event, at);
  if (event.type === 'attempt.launching') checkLaunching(truth, state, event);
  if (event.type === 'attempt.launching') checkNotRepeated(truth, state, event);
  if (event.type === 'attempt.carried') checkReused(truth, state, event);
  if (event.type === 'attempt.ended' && event.untold)
    checkUntold(truth, state.attempts.get(event.attempt), event.untold);
  if (event.type === 'attempt.sent-back') {
    const sent = state.attempts.get(event.attempt)?.iterations ?? 0;
    truth.must(sent < truth.given.qualityIterations, 'findings-as-allowed', `${event.attempt} gets findings again`);
  }
  if (event.type === 'permission.decided') {
    const earlier = state.attempts.get(event.attempt)?.decisions.get(event.request);
    truth.must(earlier === undefined, 'answered-once', `${event.request} was answered ${earlier} before`);
  }
  if (event.type === 'attempt.ended') checkEnded(truth, state, event);
  if (event.type === 'attempt.captured') {
    const ref = `refs/claude-orchestrator/runs/${state.id}/attempts/${event.attempt}/${event.turn}`;
    truth.must(truth.git.refs.get(ref) === event.commit, 'kept-by-a-ref', `turn ${event.turn} of ${event.attempt}`);
  }
  if (event.type === 'subtask.failed') checkFailed(truth, state, event, at);
  if (event.type === 'run.ended') checkLeft(truth);
  if (event.type === 'integration.returned') checkReturned(truth, state, event);
  if (event.type === 'integration.merged') {
    for (const evidence of event.evidence)
      truth.must(
        truth.restored !== undefined || truth.ledger.isTrue(evidence),
        'evidence-is-true',
        `${event.subtask} is merged with ${JSON.stringify(evidence)}`,
      );
    const tip = truth.git.refs.get(integrationRef(state.id));
    // All of what was merged before comes at once.
    const atOnce = truth.restored?.source.integrationOrder.includes(event.subtask) === true;
    truth.must(
      atOnce || tip === event.commit,
      'ref-is-the-journal',
      `${event.subtask} is merged and the ref is elsewhere`,
    );
  }
}

/** Whoever says that a run has ended leaves nothing behind: nobody comes for it afterwards. */
export function checkLeft(truth: Truth): void {
  const workers = [...truth.machine.live.keys()].join(', ');
  truth.must(workers === '', 'nothing-left', `${workers} still work`);
  const slots = [...truth.git.worktrees.keys()].join(', ');
  truth.must(slots === '', 'nothing-left', `the worktrees ${slots} are left`);
}

function checkReturned(truth: Truth, state: RunState, event: EventOf<'integration.returned'>): void {
  const { git, given } = truth;
  const { subtask, onto, merged, why, attempt, asks } = event;
  const before = new Set(git.contentOf(onto).keys());
  const added = [...git.contentOf(merged).keys()].filter((id) => !before.has(id));
  truth.must(added.join() === subtask, 'only-the-culprit', `${subtask} comes back for ${added.join(', ')}`);
  if (why === 'check') {
    const isBad = !git.passes(merged) || given.check?.hopeless === true;
    truth.must(isBad, 'only-the-culprit', `${subtask} comes back and the check passes with it`);
    // Where it could not be started a single time nobody can know what it would have said.
    const isUnknown = state.evidence.get(git.treeOf(onto))?.get('test')?.runs === 0;
    const fitsBefore = git.passes(onto) || (given.check?.detected === true && isUnknown);
    truth.must(fitsBefore, 'only-the-culprit', `${subtask} comes back and the check fails without it`);
  }
  if (why !== 'check')
    truth.must(onto === state.integrated, 'only-the-culprit', `${subtask} comes back for what is not merged`);
  if (why !== 'check') truth.must(!git.isWhole(merged), 'only-the-culprit', `${subtask} comes back and fits`);
  const often = state.attempts.get(attempt)?.iterations ?? 0;
  truth.must(
    asks === true || often < given.qualityIterations,
    'only-the-culprit',
    `${subtask} comes back after ${often} times`,
  );
}

function checkLaunching(truth: Truth, state: RunState, event: EventOf<'attempt.launching'>): void {
  if (event.subtask === null) return;
  const { settings } = state;
  const earlier = attemptsOf(state, event.subtask);
  const counting = earlier.slice(state.subtasks.get(event.subtask)?.forgiven);
  truth.must(
    earlier.every(({ ended }) => ended),
    'one-worker',
    `${event.attempt} is begun beside another`,
  );
  const losses = repeatedLosses(counting);
  const failures = counting.filter((one) => countsAsFailure(truth, one)).length + losses;
  truth.must(
    failures <= settings.infrastructureRetries,
    'retries-as-allowed',
    `${event.attempt} is begun after ${failures} failures, ${settings.infrastructureRetries} retries are allowed`,
  );
  const before = counting.at(-1);
  const hopeless = before?.ended?.outcome === 'rejected' || before?.lastTurn?.failure === 'auth';
  truth.must(!hopeless, 'retries-as-allowed', `${event.attempt} is begun though ${before?.id} was given up`);
  truth.must(
    before?.ended?.outcome !== 'accepted' || state.subtasks.get(event.subtask)?.returned?.attempt === before.id,
    'completed-once',
    `${event.attempt} is begun though the result of ${before?.id} was accepted`,
  );
  const backOff = state.subtasks.get(event.subtask)?.backOff;
  truth.must(
    (before?.ended?.outcome !== 'infrastructure' && losses === 0) || backOff?.attempt === before?.id,
    'retries-as-allowed',
    `${event.attempt} is begun without a pause after ${before?.id}`,
  );
  const { budgetUsd, budgetTokens = 1, budgetMs = 1 } = event;
  truth.must(Math.min(budgetUsd, budgetTokens, budgetMs) > 0, 'budget', `${event.attempt} may use nothing`);
  let [committed, tokens] = [event.budgetUsd, event.budgetTokens ?? 0];
  for (const { ended, budgetUsd, budgetTokens, usage } of state.attempts.values()) {
    committed += ended ? usage.costUsd : Math.max(budgetUsd, usage.costUsd);
    tokens += ended ? tokensOf(usage) : Math.max(budgetTokens, tokensOf(usage));
  }
  truth.must(
    tokens <= settings.maxTokens,
    'budget',
    `with ${event.attempt} ${tokens} of ${settings.maxTokens} tokens are settled or reserved`,
  );
  truth.must((event.budgetMs ?? 0) <= settings.maxMinutes * 60_000, 'budget', `${event.attempt} may take too long`);
  truth.must(
    committed <= settings.maxCostUsd + 1e-6,
    'budget',
    `with ${event.attempt} $${committed} of $${settings.maxCostUsd} are settled or reserved`,
  );
}

function checkUntold(truth: Truth, attempt: AttemptState | undefined, untold: Usage): void {
  if (!attempt) return;
  const costUsd = attempt.usage.costUsd + untold.costUsd;
  truth.must(
    untold.costUsd === 0 || costUsd <= attempt.budgetUsd + 1e-9,
    'budget',
    `${attempt.id} is estimated to have cost $${costUsd} of $${attempt.budgetUsd}`,
  );
}

function checkEnded(truth: Truth, state: RunState, event: EventOf<'attempt.ended'>): void {
  const folder = truth.machine.folders.get(event.attempt);
  const attempt = state.attempts.get(event.attempt);
  truth.must(!truth.machine.live.has(event.attempt), 'nothing-left', `${event.attempt} ends and its worker lives`);
  if (event.outcome === 'infrastructure')
    truth.must(folder !== undefined, 'retry-counted-after-start', `${event.attempt} was never launched`);
  if (attempt?.subtask === null) return;
  if (event.outcome === 'accepted') {
    const commit = attempt?.captured?.commit;
    truth.must(
      commit !== undefined && truth.git.isWhole(commit) && attempt?.validated?.turn === attempt?.turns,
      'checked-before-integration',
      `${event.attempt} is accepted and its result is broken`,
    );
  }
  if (event.outcome === 'rejected' && attempt?.lastTurn?.failure === null && folder?.exit?.reason !== 'deadline') {
    const work = truth.git.worktrees.get(event.attempt)?.files.get(folder?.subtask ?? '');
    const isBroken = work?.how !== 'whole' || truth.given.spoils.length > 0;
    truth.must(isBroken, 'rejected-when-broken', `${event.attempt} is given up though what it left is whole`);
    truth.must(
      (attempt.iterations === truth.given.qualityIterations || isSpent(attempt)) &&
        attempt.validated?.verdict !== 'passed',
      'findings-as-allowed',
      `${event.attempt} is given up after ${attempt.iterations} times`,
    );
  }
}

function checkFailed(truth: Truth, state: RunState, { subtask }: EventOf<'subtask.failed'>, at: number): void {
  const { given } = truth;
  const attempts = attemptsOf(state, subtask).slice(state.subtasks.get(subtask)?.forgiven);
  const last = attempts.at(-1);
  const outcome = last?.ended?.outcome;
  const { status, returned } = state.subtasks.get(subtask) ?? {};
  const isGivenUp = truth.conflicts.get(subtask)?.answer === 'give-up' || given.nobodyCanBeAsked === true;
  truth.must(
    !returned?.asks || isGivenUp,
    'named-reason',
    `${subtask} fails while a person is asked about its conflict`,
  );
  truth.must(status !== 'completed', 'completed-once', `${subtask} fails after it was completed`);
  const { breaks = [], hopeless = false, trouble = 0 } = given.check ?? {};
  const clashes = [...given.clashes, ...(given.sequel?.clashes ?? [])];
  const canFail = clashes.length + given.spoils.length + breaks.length > 0 || hopeless || trouble > 0;
  if (outcome === undefined || outcome === 'accepted')
    truth.must(canFail, 'named-reason', `${subtask} can't be merged`);
  if (outcome === 'accepted' && trouble === 0)
    truth.must(
      last?.iterations === given.qualityIterations,
      'only-the-culprit',
      `${subtask} is given up after it came back ${last?.iterations} times`,
    );
  if (outcome === 'infrastructure' && last?.lastTurn?.failure !== 'auth') {
    const failures = attempts.filter((one) => countsAsFailure(truth, one)).length;
    truth.must(
      failures === given.infrastructureRetries + 1,
      'retries-as-allowed',
      `${subtask} fails after ${failures} failures, ${given.infrastructureRetries} retries are allowed`,
    );
  }
  if (outcome === 'cancelled')
    truth.must(state.cancelling, 'named-reason', `${subtask} fails as cancelled and nobody cancelled it`);
  const own = state.subtasks.get(subtask);
  if (own) checkGivenUp(truth, state, own, last, at);
  const isUp = last !== undefined && isBrokenOff(last);
  const losses = repeatedLosses(attempts);
  const counted = attempts.filter((one) => countsAsFailure(truth, one)).length + losses;
  truth.must(
    outcome !== 'interrupted' || isUp || (losses > 0 && counted === given.infrastructureRetries + 1),
    'retries-as-allowed',
    `${subtask} fails because it was interrupted, after ${counted} failures`,
  );
}

/** What may come after the end: applying the result, and what a person asks of the run then. */
function isAfterEnd(event: RunEvent): boolean {
  return (
    event.type.startsWith('apply.') ||
    event.type === 'run.reopened' ||
    event.type === 'control.handled' ||
    isGraphChange(event)
  );
}

function attemptsOf(state: RunState, subtask: string): AttemptState[] {
  return (state.subtasks.get(subtask)?.attempts ?? []).flatMap((id) => state.attempts.get(id) ?? []);
}
