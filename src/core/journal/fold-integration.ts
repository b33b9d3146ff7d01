import type { CheckEvidence } from '../model/checks.ts';
import type { EventOf, RunEvent } from '../model/events.ts';
import type { MutableRun } from './mutable.ts';
import { setStatus, subtaskIn } from './status.ts';

const INTEGRATION = [
  'integration.started',
  'integration.merged',
  'integration.returned',
  'conflict.opened',
  'check.ran',
] as const;

export type IntegrationEvent = EventOf<(typeof INTEGRATION)[number]>;

const TYPES: ReadonlySet<string> = new Set(INTEGRATION);

export function isOfIntegration(event: RunEvent): event is IntegrationEvent {
  return TYPES.has(event.type);
}

/** Folds what one event says about results on their way into the integrated tree. `at` in milliseconds since 1970. */
export function foldIntegration(run: MutableRun, event: IntegrationEvent, at: number): void {
  switch (event.type) {
    case 'check.ran':
      checkRan(run, event, at);
      return;
    case 'integration.started':
      setStatus(run, subtaskIn(run, event.subtask), 'integrating');
      return;
    case 'integration.merged': {
      const subtask = subtaskIn(run, event.subtask);
      setStatus(run, subtask, 'completed');
      subtask.reason = undefined;
      subtask.endedAt = at;
      run.integrated = event.commit;
      // Applied before the run was reopened: there is more now.
      run.applied = undefined;
      subtask.place = run.integrationOrder.push(event.subtask) - 1;
      for (const { check, known } of event.evidence) {
        const summary = run.checks.get(check);
        if (summary) run.checks.set(check, { ...summary, known: known === true });
      }
      // What was tried on the way here never comes again.
      for (const tree of run.evidence.keys()) if (tree !== event.tree) run.evidence.delete(tree);
      return;
    }
    case 'integration.returned': {
      const subtask = subtaskIn(run, event.subtask);
      const { attempt, why, reason, message, asks = false } = event;
      const before = subtask.returned?.attempt === attempt ? subtask.returned.result : event.merged;
      setStatus(run, subtask, subtask.skipping ? 'skipped' : asks ? 'integrating' : 'waiting');
      subtask.reason = subtask.skipping ? undefined : reason;
      if (subtask.skipping) subtask.endedAt = at;
      subtask.returned = { attempt, why, result: subtask.result ?? before, message, asks, opened: undefined };
      subtask.result = undefined;
      return;
    }
    case 'conflict.opened': {
      const subtask = subtaskIn(run, event.subtask);
      const { worktree, base, paths } = event;
      if (subtask.returned) subtask.returned = { ...subtask.returned, opened: { worktree, base, paths } };
      return;
    }
  }
}

function checkRan(run: MutableRun, event: EventOf<'check.ran'>, at: number): void {
  const { check, command, commit, tree, outcome, exitCode, durationMs, tail } = event;
  const known = run.evidence.get(tree) ?? new Map<string, CheckEvidence>();
  const before = known.get(check);
  // It may have failed before it could not be started.
  const failed = before !== undefined && before.outcome !== 'passed' && before.runs > 0;
  const flaky = before?.flaky === true || (failed && outcome === 'passed');
  const runs = (before?.runs ?? 0) + (outcome === 'not-started' ? 0 : 1);
  const last = { check, command, commit, tree, outcome, exitCode, durationMs, tail, runs, flaky };
  run.evidence.set(tree, new Map(known).set(check, last));
  const summary = run.checks.get(check);
  run.checks.set(check, {
    last,
    at,
    passed: (summary?.passed ?? 0) + (outcome === 'passed' ? 1 : 0),
    flaky: (summary?.flaky ?? 0) + (flaky && before?.flaky !== true ? 1 : 0),
    known: summary?.known === true && outcome !== 'passed',
  });
}
