import { checkText } from '../core/model/check-text.ts';
import { checkpointName } from '../core/model/checkpoint.ts';
import { plainText } from '../core/model/plain-text.ts';
import type { Plan } from '../core/model/plan.ts';
import { provenance } from '../core/model/provenance.ts';
import type { RunState } from '../core/model/run.ts';
import { waitingReason } from '../core/scheduling/next.ts';

/** A plan as a person reads it on a terminal. */
export function planLines(plan: Plan): string[] {
  return [
    `Plan: ${plainText(plan.title)}`,
    ...plan.subtasks.map(({ id, title, dependsOn, estimate }) => {
      const after = dependsOn.length > 0 ? `, after ${dependsOn.join(' and ')}` : '';
      const about = estimate ? `, about ${Math.ceil(estimate.seconds / 60)} min` : '';
      return `  ${id}: ${plainText(title)}${after}${about}`;
    }),
  ];
}

/** A run with its subtasks and attempts. `now` in milliseconds since 1970; `interrupted`: nobody works on it any more. */
export function runLines(run: RunState, now: number, interrupted: boolean): string[] {
  const seconds = Math.round(((run.endedAt ?? now) - run.createdAt) / 1000);
  const lines = [
    `${run.id}  ${interrupted ? 'interrupted' : run.status}  ${seconds} s  $${run.costUsd.toFixed(4)}  ${firstLine(run.task)}`,
  ];
  if (interrupted) lines.push(`  Nobody works on it now. Go on with it: claude-orchestrator resume ${run.id}`);
  const over = run.costUsd - run.settings.maxCostUsd;
  if (over > 0) lines.push(`  Turns that were under way passed the spending cap by $${over.toFixed(4)}.`);
  if (run.origin)
    lines.push(
      `  Restored from ${checkpointName(run.origin.run, run.origin.checkpoint)}, where $${run.origin.costUsd.toFixed(4)} had been spent.`,
    );
  if (run.detail) lines.push(`  ${plainText(run.detail)}`);
  for (const { subtask, status, reason, attempts } of run.subtasks.values()) {
    const why = reason ?? waitingReason(run, subtask.id);
    const last = run.attempts.get(attempts.at(-1) ?? '');
    const from = last && provenance(last);
    const tries = attempts.length > 1 ? `, ${attempts.length} attempts` : '';
    lines.push(
      `  ${status.padEnd(11)} ${subtask.id}: ${plainText(subtask.title)}${tries}${why ? ` (${plainText(why)})` : ''}`,
    );
    if (from) lines.push(`${' '.repeat(14)}${plainText(from)}`);
  }
  for (const [name, summary] of run.checks) lines.push(`  Check ${plainText(name)}: ${checkText(summary)}`);
  if (run.applied) lines.push(`  Applied to ${run.applied.branch}: ${run.applied.files.length} files.`);
  return lines;
}

/** A run as data, for `--json`. `interrupted`: nobody works on it, though it has not ended. */
export function runJson(run: RunState, interrupted: boolean): Record<string, unknown> {
  return {
    run: run.id,
    task: run.task,
    status: run.status,
    interrupted,
    detail: run.detail ?? null,
    branch: run.branch,
    base: run.base,
    origin: run.origin ?? null,
    integrated: run.integrated,
    costUsd: run.costUsd,
    maxCostUsd: run.settings.maxCostUsd,
    /** What turns that were under way spent beyond the cap. */
    overshootUsd: Math.max(run.costUsd - run.settings.maxCostUsd, 0),
    createdAt: run.createdAt,
    endedAt: run.endedAt ?? null,
    subtasks: [...run.subtasks.values()].map((state) => ({
      id: state.subtask.id,
      title: state.subtask.title,
      status: state.status,
      reason: state.reason ?? waitingReason(run, state.subtask.id) ?? null,
      attempts: state.attempts,
    })),
    attempts: [...run.attempts.values()].map((attempt) => ({
      id: attempt.id,
      subtask: attempt.subtask,
      exit: attempt.ended?.exitCode ?? null,
      outcome: attempt.ended?.outcome ?? null,
      carried: attempt.carried
        ? { why: attempt.carried.why, ...attempt.carried.from, key: attempt.carried.key ?? null }
        : null,
      notReused: attempt.notReused ?? null,
      detail: attempt.ended?.detail ?? null,
      verdict: attempt.validated?.verdict ?? null,
      costUsd: attempt.usage.costUsd,
      wallMs: attempt.ended ? attempt.ended.at - attempt.startedAt : null,
    })),
    checks: [...run.checks].map(([name, { last, flaky, known }]) => ({
      name,
      command: last.command,
      outcome: last.outcome,
      exitCode: last.exitCode,
      commit: last.commit,
      tree: last.tree,
      durationMs: last.durationMs,
      tail: last.tail,
      flaky,
      known,
    })),
    applied: run.applied ?? null,
  };
}

function firstLine(text: string): string {
  const [line = ''] = plainText(text).split('\n');
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}
