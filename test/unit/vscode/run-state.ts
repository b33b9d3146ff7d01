import { RunFold } from '../../../src/core/journal/fold.ts';
import type { RunEvent } from '../../../src/core/model/events.ts';
import { planSchema } from '../../../src/core/model/plan.ts';
import type { RunState } from '../../../src/core/model/run.ts';
import { runSettingsSchema } from '../../../src/core/model/settings.ts';
import type { EditorHost } from '../../../src/vscode/host-port.ts';
import type { Driver, KnownRun } from '../../../src/vscode/known-run.ts';

export const COMMIT = 'a'.repeat(40);

/** A run as its journal has it: events come a second apart, the first at 1000 ms. */
export function runOf(...events: readonly RunEvent[]): RunState {
  const created: RunEvent = {
    type: 'run.created',
    run: 'r1',
    task: 'Add greetings',
    repository: '/repository',
    branch: 'main',
    base: COMMIT,
    settings: runSettingsSchema.parse({}),
  };
  return RunFold.of(
    [created, ...events].map((event, index) => ({ seq: index + 1, at: (index + 1) * 1000, epoch: 1, event })),
  ).state;
}

export function plan(...subtasks: readonly Record<string, unknown>[]): RunEvent {
  const filled = subtasks.map((subtask) => ({ title: 'T', instructions: 'I', ...subtask }));
  return { type: 'plan.proposed', by: 'planner', plan: planSchema.parse({ version: 1, title: 'P', subtasks: filled }) };
}

export function launching(attempt: string, subtask: string | null): RunEvent {
  return { type: 'attempt.launching', attempt, subtask, number: 1, worktree: '/w', base: COMMIT, budgetUsd: 0 };
}

export function validated(attempt: string, turn: number, verdict: 'passed' | 'failed', message = 'broken'): RunEvent[] {
  const range = { start: { line: 1, character: 2 }, end: { line: 1, character: 3 } };
  const finding = { rule: 'syntax', criterion: 'syntax', severity: 'error', message, range } as const;
  const file = { path: 'a.js', language: 'javascript', status: 'failed', findings: [finding] } as const;
  return [
    { type: 'attempt.captured', attempt, turn, commit: COMMIT, tree: COMMIT, files: [] },
    {
      type: 'attempt.validated',
      attempt,
      turn,
      commit: COMMIT,
      verdict,
      files: verdict === 'passed' ? [] : [{ ...file, findings: [...file.findings] }],
      evidence: [],
    },
  ];
}

/** Views ask the host nothing, so there is none. */
export function known(state: RunState, driver: Driver | undefined, ...alive: readonly string[]): KnownRun {
  return { host: {} as EditorHost, state, driver, alive: new Set(alive), freeMb: undefined };
}
