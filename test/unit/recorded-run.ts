import { RunFold } from '../../src/core/journal/fold.ts';
import type { JournalRecord, RunEvent } from '../../src/core/model/events.ts';
import type { Plan, Subtask } from '../../src/core/model/plan.ts';
import { type RunSettings, runSettingsSchema } from '../../src/core/model/settings.ts';

export const BASE = 'b'.repeat(40);
export const commitOf = (digit: string): string => digit.repeat(40);

/** A subtask with a scope of its own, so that it runs beside others. */
export function subtask(
  id: string,
  dependsOn: readonly string[] = [],
  scope: readonly string[] = [`${id}.js`, `${id}/**`],
): Subtask {
  return {
    id,
    title: `Title of ${id}`,
    instructions: `Do ${id}.`,
    dependsOn: [...dependsOn],
    scope: [...scope],
    produces: [],
  };
}

export const planOf = (...subtasks: readonly Subtask[]): Plan => ({
  version: 1,
  title: 'The plan',
  subtasks: [...subtasks],
});

export function created(settings: Partial<RunSettings> = {}): RunEvent {
  return {
    type: 'run.created',
    run: 'run-1',
    task: 'The task',
    repository: '/repository',
    branch: 'main',
    base: BASE,
    settings: runSettingsSchema.parse(settings),
  };
}

/** An approved run of these subtasks. */
export const started = (plan: Plan, settings: Partial<RunSettings> = {}): RunEvent[] => [
  created(settings),
  { type: 'plan.proposed', by: 'file', plan },
  { type: 'plan.approved', by: 'setting' },
];

export const launching = (name: string, attempt = `${name}-1`, number = 1): RunEvent => ({
  type: 'attempt.launching',
  attempt,
  subtask: name,
  number,
  worktree: `/worktrees/${attempt}`,
  base: BASE,
  budgetUsd: 0,
});

export const captured = (attempt: string, turn = 1, commit = commitOf('c')): RunEvent => ({
  type: 'attempt.captured',
  attempt,
  turn,
  commit,
  tree: commitOf('d'),
  files: [],
});

export const validated = (
  attempt: string,
  verdict: 'passed' | 'failed' | 'incomplete' = 'passed',
  turn = 1,
): RunEvent => ({
  type: 'attempt.validated',
  attempt,
  turn,
  commit: commitOf('c'),
  verdict,
  files: [],
  evidence: [],
});

export const turnEnded = (
  attempt: string,
  turn: number,
  bytes: readonly [number, number],
  costUsd = 0,
  failure: 'api' | 'auth' | 'budget' | 'other' | null = null,
): RunEvent => ({
  type: 'attempt.turn-ended',
  attempt,
  bytes: { from: bytes[0], to: bytes[1] },
  turn,
  failure,
  detail: 'Said.',
  usage: { costUsd, inputTokens: 10, outputTokens: 1 },
});

export const ended = (
  attempt: string,
  outcome: 'accepted' | 'interrupted' | 'rejected' | 'infrastructure' | 'cancelled',
): RunEvent => ({
  type: 'attempt.ended',
  attempt,
  exitCode: outcome === 'accepted' ? 0 : 1,
  outcome,
  detail: `It was ${outcome}.`,
});

/** From launch to merge. */
export const completed = (name: string): RunEvent[] => [
  launching(name),
  captured(`${name}-1`),
  validated(`${name}-1`),
  ended(`${name}-1`, 'accepted'),
  { type: 'integration.started', subtask: name, attempt: `${name}-1`, onto: BASE },
  {
    type: 'integration.merged',
    subtask: name,
    attempt: `${name}-1`,
    commit: commitOf('e'),
    tree: commitOf('d'),
    evidence: [],
  },
];

/** Numbers events and gives them a time, a second each. */
export const records = (events: readonly RunEvent[]): JournalRecord[] =>
  events.map((event, index) => ({ seq: index + 1, at: 1000 * (index + 1), epoch: 1, event }));

export const foldOf = (...events: readonly RunEvent[]): RunFold => RunFold.of(records(events));
