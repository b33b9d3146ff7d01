import { afterAnswer, afterFailure, afterLimit } from '../model/breaker.ts';
import { OrchestratorError } from '../model/error.ts';
import type { RunEvent } from '../model/events.ts';
import { oneLine } from '../model/plain-text.ts';
import type { SubtaskStatus } from '../model/run.ts';
import { giveBack, reserve, settle, settleUntold } from './fold-budgets.ts';
import type { IntegrationEvent } from './fold-integration.ts';
import type { MutableAttempt, MutableRun } from './mutable.ts';
import { NOTHING_USED, sessionUsageBefore, withoutUsage } from './session-usage.ts';
import { setStatus } from './status.ts';

type AttemptEvent = Exclude<Extract<RunEvent, { attempt: string }>, IntegrationEvent>;

/** Folds what one event says about its attempt and the subtask it belongs to. `at` in milliseconds since 1970. */
export function foldAttempt(run: MutableRun, event: AttemptEvent, at: number): void {
  if (event.type === 'attempt.launching') {
    launching(run, event, at);
    return;
  }
  if (event.type === 'attempt.carried') {
    carried(run, event, at);
    return;
  }
  const attempt = run.attempts.get(event.attempt);
  if (!attempt)
    throw new OrchestratorError(
      'journal-damaged',
      `The journal names the attempt "${event.attempt}" before its launch.`,
    );
  if ('bytes' in event && event.bytes) {
    if (event.bytes.to <= attempt.ingested) return;
    attempt.ingested = event.bytes.to;
  }
  switch (event.type) {
    case 'attempt.launched':
      attempt.launched = true;
      attempt.pid = event.pid;
      return;
    case 'attempt.session':
      attempt.usedBefore = sessionUsageBefore(run, attempt, event.session);
      attempt.session = event.session;
      attempt.model = event.model;
      return;
    case 'attempt.tool-called':
      run.breaker = afterAnswer(run.breaker, at);
      attempt.activity = event.summary;
      return;
    case 'attempt.api-limited':
      run.breaker = afterLimit(run.breaker, at, event.until);
      return;
    case 'attempt.api-retried':
      run.breaker = afterFailure(run.breaker, at, attempt.startedAt, apiFailed(event.status, event.error));
      attempt.activity = `the API answered ${event.status ?? 'nothing'} (${event.error}), trying again`;
      return;
    case 'attempt.turn-ended':
      attempt.turns = event.turn;
      attempt.lastTurn = { failure: event.failure, detail: event.detail, message: event.message };
      settle(run, attempt, withoutUsage(event.usage, attempt.usedBefore));
      if (event.failure === null) run.breaker = afterAnswer(run.breaker, at);
      if (event.failure !== 'api') return;
      run.breaker = afterFailure(run.breaker, at, attempt.startedAt, `the API fails (${oneLine(event.detail, 60)})`);
      attempt.inOutage = run.breaker.opened !== undefined;
      return;
    case 'permission.requested':
      if (attempt.decisions.has(event.request)) return;
      run.permissions.set(event.request, {
        request: event.request,
        attempt: event.attempt,
        tool: event.tool,
        summary: event.summary,
        askedAt: at,
        asked: run.permissions.get(event.request)?.asked,
      });
      return;
    case 'permission.asked': {
      const pending = run.permissions.get(event.request);
      if (!pending) return;
      run.questions += 1;
      run.permissions.set(event.request, { ...pending, asked: { number: run.questions, text: event.text } });
      return;
    }
    case 'permission.decided':
      run.permissions.delete(event.request);
      if (event.by === 'person') run.answered.add(event.request);
      if (attempt.decisions.size === 0) attempt.decisions = new Map();
      attempt.decisions.set(event.request, event.behavior);
      return;
    case 'attempt.captured':
      attempt.captured = {
        turn: event.turn,
        commit: event.commit,
        tree: event.tree,
        files: event.files,
        oversized: event.oversized,
      };
      setStatusOf(run, attempt, 'validating');
      return;
    case 'attempt.validated':
      attempt.validated = { turn: event.turn, verdict: event.verdict, files: event.files, evidence: event.evidence };
      return;
    case 'attempt.sent-back':
      if (event.turn <= attempt.sentBackTurn) return;
      attempt.iterations += 1;
      attempt.sentBackTurn = event.turn;
      setStatusOf(run, attempt, 'running');
      return;
    case 'attempt.ended':
      ended(run, attempt, event, at);
      return;
    case 'attempt.dropped': {
      const detail = event.reason;
      ended(
        run,
        attempt,
        { type: 'attempt.ended', attempt: attempt.id, exitCode: null, outcome: 'interrupted', detail },
        at,
      );
      return;
    }
    default:
      return;
  }
}

/** Shared by all that have none, in an image too: an empty one is replaced, never changed. */
const NO_DECISIONS: MutableAttempt['decisions'] = new Map();
const NO_CONFLICTS: readonly string[] = [];

const apiFailed = (status: number | null, error: string): string =>
  `the API ${status === null ? 'can not be reached' : `fails with ${status}`} (${error})`;

type Beginning = Pick<AttemptEvent & { type: 'attempt.launching' | 'attempt.carried' }, 'subtask' | 'number' | 'base'>;

/** One literal: there are many, and spreading takes several times as long. */
function fresh(id: string, { subtask, number, base }: Beginning, at: number): MutableAttempt {
  return {
    id,
    subtask,
    number,
    worktree: '',
    base,
    notReused: undefined,
    budgetUsd: 0,
    budgetTokens: 0,
    budgetMs: undefined,
    startedAt: at,
    sleptMs: 0,
    launched: false,
    pid: undefined,
    session: undefined,
    model: undefined,
    activity: undefined,
    ingested: 0,
    turns: 0,
    lastTurn: undefined,
    decisions: NO_DECISIONS,
    usage: NOTHING_USED,
    untold: undefined,
    usedBefore: NOTHING_USED,
    continues: undefined,
    conflicts: NO_CONFLICTS,
    captured: undefined,
    validated: undefined,
    iterations: 0,
    sentBackTurn: 0,
    inOutage: false,
    ending: false,
    carried: undefined,
    ended: undefined,
  };
}

function launching(run: MutableRun, event: Extract<AttemptEvent, { type: 'attempt.launching' }>, at: number): void {
  const { continues } = event;
  const attempt = fresh(event.attempt, event, at);
  attempt.worktree = event.worktree;
  attempt.notReused = event.notReused;
  attempt.budgetUsd = event.budgetUsd;
  attempt.budgetTokens = event.budgetTokens ?? 0;
  attempt.budgetMs = event.budgetMs;
  attempt.continues = continues;
  attempt.conflicts = event.conflicts ?? NO_CONFLICTS;
  const before = run.attempts.get(continues ?? '');
  if (before) attempt.iterations = before.iterations + (isToldFirst(before) ? 1 : 0);
  reserve(run, attempt, at);
  run.attempts.set(attempt.id, attempt);
  begin(run, attempt, 'running', at);
}

/** Whether an attempt that goes on with another is told findings, or why its result came back, first thing and anew. */
function isToldFirst({ ended, captured, validated, sentBackTurn }: MutableAttempt): boolean {
  if (ended?.outcome !== 'interrupted') return true;
  return captured !== undefined && validated?.turn === captured.turn && sentBackTurn !== captured.turn;
}

function carried(run: MutableRun, event: Extract<AttemptEvent, { type: 'attempt.carried' }>, at: number): void {
  const { turn, why, from, key, session, commit, tree, files, oversized } = event;
  const attempt = fresh(event.attempt, event, at);
  attempt.carried = { why, from, key, session };
  attempt.turns = turn;
  attempt.lastTurn = { failure: event.unfinished ? 'other' : null, detail: '', message: undefined };
  attempt.captured = { turn, commit, tree, files, oversized };
  attempt.iterations = event.iterations;
  attempt.conflicts = event.conflicts ?? NO_CONFLICTS;
  run.attempts.set(attempt.id, attempt);
  reserve(run, attempt, at);
  begin(run, attempt, 'validating', at);
}

function begin(run: MutableRun, attempt: MutableAttempt, status: SubtaskStatus, at: number): void {
  const subtask = attempt.subtask === null ? undefined : run.subtasks.get(attempt.subtask);
  if (!subtask) return;
  // Few have more than one, and a list that is pushed or spread into keeps room for many.
  subtask.attempts = subtask.attempts.concat(attempt.id);
  subtask.backOff = undefined;
  subtask.room = undefined;
  setStatus(run, subtask, status);
  if (!subtask.returned?.asks) subtask.reason = undefined;
  subtask.startedAt ??= at;
}

function ended(
  run: MutableRun,
  attempt: MutableAttempt,
  event: Extract<AttemptEvent, { type: 'attempt.ended' }>,
  at: number,
): void {
  if (!attempt.ended) {
    if (event.untold) settleUntold(run, attempt, event.untold);
    giveBack(run, attempt, at);
  }
  // Nobody asks again: a run of many questions keeps those of its live attempts.
  attempt.decisions = NO_DECISIONS;
  const { exitCode, outcome, detail, lost = false } = event;
  attempt.ended = { at, exitCode, outcome, detail, lost };
  for (const [request, permission] of run.permissions) {
    if (permission.attempt === attempt.id) run.permissions.delete(request);
  }
  const subtask = attempt.subtask === null ? undefined : run.subtasks.get(attempt.subtask);
  if (!subtask) return;
  if (event.outcome === 'accepted' && attempt.captured) {
    subtask.result = attempt.captured.commit;
    subtask.returned = undefined;
    setStatus(run, subtask, 'integrating');
  } else {
    // Until the orchestrator decides between another attempt and failure.
    subtask.result = undefined;
    const asks = subtask.returned?.asks === true;
    setStatus(run, subtask, subtask.skipping ? 'skipped' : asks ? 'integrating' : 'waiting');
    if (!asks) subtask.reason = subtask.skipping ? undefined : event.detail;
    if (subtask.skipping) subtask.endedAt = at;
    if (attempt.ending) subtask.forgiven = subtask.attempts.length;
  }
}

function setStatusOf(run: MutableRun, attempt: MutableAttempt, status: SubtaskStatus): void {
  const subtask = attempt.subtask === null ? undefined : run.subtasks.get(attempt.subtask);
  if (subtask) setStatus(run, subtask, status);
}
