import * as z from 'zod';
import type { AttemptState, RunState, SubtaskState } from './run.ts';
import { tokensOf } from './tokens.ts';

/** What one subtask took, all its attempts together. */
export const subtaskFiguresSchema = z.strictObject({
  /** How long its workers were at it, the machine's sleep aside. */
  seconds: z.number().nonnegative(),
  /** US dollars. */
  costUsd: z.number().nonnegative(),
  /** See `tokensOf`. */
  tokens: z.number().nonnegative(),
  /** What its plan had said, seconds. */
  estimateSeconds: z.number().positive().optional(),
});

export type SubtaskFigures = z.infer<typeof subtaskFiguresSchema>;

/** The figures of those subtasks of a run that workers have brought to an end, good or bad. */
export function figuresOf({ subtasks, attempts }: RunState): SubtaskFigures[] {
  return [...subtasks.values()].flatMap((own) => {
    if (own.status !== 'completed' && own.status !== 'failed') return [];
    const worked = own.attempts.flatMap((id) => attempts.get(id) ?? []).filter(({ carried }) => !carried);
    return worked.length === 0 ? [] : [sum(own, worked)];
  });
}

function sum({ subtask: { estimate } }: SubtaskState, attempts: readonly AttemptState[]): SubtaskFigures {
  const total = (part: (attempt: AttemptState) => number): number =>
    attempts.reduce((amount, attempt) => amount + Math.max(0, part(attempt)), 0);
  return {
    seconds: total(({ startedAt, sleptMs, ended }) => (ended ? ended.at - startedAt - sleptMs : 0) / 1000),
    costUsd: total(({ usage }) => usage.costUsd),
    tokens: total(({ usage }) => tokensOf(usage)),
    ...(estimate ? { estimateSeconds: estimate.seconds } : {}),
  };
}
