import { checkText } from '../core/model/check-text.ts';
import { checkpointName } from '../core/model/checkpoint-name.ts';
import { plainText } from '../core/model/plain-text.ts';
import type { Plan } from '../core/model/plan.ts';
import { provenance } from '../core/model/provenance.ts';
import { isInWork, type RunState } from '../core/model/run.ts';
import { tokensOf } from '../core/model/tokens.ts';
import { workedMs } from '../core/scheduling/admission/budgets.ts';
import type { Conditions } from '../core/scheduling/admission/check.ts';
import { reasonOf, waitingFor } from '../core/scheduling/waiting.ts';

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

/**
 * A run with its subtasks and attempts.
 *
 * @param interrupted nobody works on it any more
 * @param isAlive whether the worker of an attempt still runs; asked of interrupted runs
 */
export function runLines(
  run: RunState,
  conditions: Conditions,
  interrupted: boolean,
  isAlive: (attempt: string) => boolean,
): string[] {
  const seconds = Math.round(((run.endedAt ?? conditions.now) - run.createdAt) / 1000);
  const lines = [
    `${run.id}  ${interrupted ? 'interrupted' : run.status}  ${seconds} s  $${run.costUsd.toFixed(4)}  ${firstLine(run.task)}`,
  ];
  if (interrupted) lines.push(`  Nobody works on it now. Go on with it: claude-orchestrator resume ${run.id}`);
  for (const over of overshoots(run)) lines.push(`  Turns that were under way passed the ${over}.`);
  if (run.origin)
    lines.push(
      `  Restored from ${checkpointName(run.origin.run, run.origin.checkpoint)}, where $${run.origin.costUsd.toFixed(4)} had been spent.`,
    );
  if (run.detail) lines.push(`  ${plainText(run.detail)}`);
  const asked = [...run.permissions.values()].filter((one) => one.asked !== undefined).length;
  const isPlan = run.status === 'awaiting-approval' && !run.rejected;
  if (asked > 0 || isPlan) lines.push(`  It asks you something: claude-orchestrator questions ${run.id}`);
  for (const state of run.subtasks.values()) {
    const { subtask, status, attempts } = state;
    const why = reasonOf(run, state, conditions) ?? (interrupted && status === 'waiting' ? NOBODY : undefined);
    const last = run.attempts.get(attempts.at(-1) ?? '');
    const from = last && provenance(last);
    const isForsaken = interrupted && isInWork(status) && !(last && isAlive(last.id));
    const tries = attempts.length > 1 ? `, ${attempts.length} attempts` : '';
    lines.push(
      `  ${(isForsaken ? 'interrupted' : status).padEnd(11)} ${subtask.id}: ${plainText(subtask.title)}${tries}${why ? ` (${plainText(why)})` : ''}`,
    );
    if (from) lines.push(`${' '.repeat(14)}${plainText(from)}`);
  }
  for (const [name, summary] of run.checks) lines.push(`  Check ${plainText(name)}: ${checkText(summary)}`);
  if (run.application?.isUnderWay) {
    const what = run.applied ? 'Undoing' : 'Applying';
    lines.push(`  ${what} it was cut off. Take it back whole: claude-orchestrator undo ${run.id}`);
  } else if (run.applied) {
    const where = run.application?.inPlace ? 'Written beside your changes' : `Applied to ${run.applied.branch}`;
    lines.push(`  ${where}: ${run.applied.files.length} files. Take it back: claude-orchestrator undo ${run.id}`);
  }
  return lines;
}

const NOBODY = 'nobody works on the run now';

/** By how much turns that were under way passed the caps of a run. */
function overshoots({ settings, costUsd, tokens }: RunState): string[] {
  const usd = costUsd - settings.maxCostUsd;
  const count = tokens - settings.maxTokens;
  return [
    ...(usd > 0 ? [`spending cap by $${usd.toFixed(4)}`] : []),
    ...(count > 0 ? [`token cap by ${count.toLocaleString('en')} tokens`] : []),
  ];
}

/** A run as data, for `--json`. `interrupted`: nobody works on it, though it has not ended. */
export function runJson(run: RunState, conditions: Conditions, interrupted: boolean): Record<string, unknown> {
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
    /** What is used, what is used or reserved for open attempts, and the most there may be; tokens as caps count them. */
    budgets: {
      usd: { used: run.costUsd, committed: run.committedUsd, cap: run.settings.maxCostUsd },
      tokens: { used: run.tokens, committed: run.committedTokens, cap: run.settings.maxTokens },
      minutes: { used: workedMs(run, conditions.now) / 60_000, cap: run.settings.maxMinutes },
    },
    createdAt: run.createdAt,
    endedAt: run.endedAt ?? null,
    subtasks: [...run.subtasks.values()].map((state) => ({
      id: state.subtask.id,
      title: state.subtask.title,
      status: state.status,
      waitsFor: waitingFor(run, state.subtask.id, conditions)?.waitsFor ?? null,
      reason: reasonOf(run, state, conditions) ?? null,
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
      /** Which part of it is an estimate: of a turn that was broken off, so that the CLI told no figures. */
      estimatedUsd: attempt.untold?.costUsd ?? 0,
      budgetUsd: attempt.budgetUsd,
      tokens: tokensOf(attempt.usage),
      budgetTokens: attempt.budgetTokens,
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
