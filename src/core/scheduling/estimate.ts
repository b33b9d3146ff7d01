import type { Plan } from '../model/plan.ts';
import { DEFAULT_ESTIMATE_SECONDS } from './graph.ts';
import { simulate } from './simulate.ts';

/** Larger plans are estimated with less effort, so that nobody waits for it. */
const EFFORT = 20_000;

/** How long a run will take, as far as its plan tells. Times in seconds. */
export interface RunEstimate {
  readonly seconds: number;
  readonly workers: number;
  /** With one worker. */
  readonly aloneSeconds: number;
  /** How many subtasks the plan has, and how many of them say how long they take. */
  readonly subtasks: number;
  readonly estimated: number;
}

/** Runs the plan through the scheduler, under the rules of a run: one without a scope runs alone. */
export function estimateRun({ subtasks }: Plan, workers: number): RunEstimate {
  const nodes = subtasks.map(({ id, dependsOn, estimate, scope, priority }) => {
    return { id, dependsOn, scope, priority, seconds: estimate?.seconds ?? DEFAULT_ESTIMATE_SECONDS };
  });
  return {
    seconds: simulate(nodes, workers, { effort: EFFORT, mayIdle: false }).makespan,
    workers,
    aloneSeconds: nodes.reduce((sum, { seconds }) => sum + seconds, 0),
    subtasks: subtasks.length,
    estimated: subtasks.filter(({ estimate }) => estimate !== undefined).length,
  };
}

/** One or two sentences for a person, which say what the figure rests on. */
export function estimateText({ seconds, workers, aloneSeconds, subtasks, estimated }: RunEstimate): string {
  const with_ = workers === 1 ? 'one worker' : `${workers} workers`;
  const alone = workers > 1 && aloneSeconds > seconds * 1.05 ? `, ${time(aloneSeconds)} with one` : '';
  return `About ${time(seconds)} with ${with_}${alone}, ${basis(subtasks, estimated)}. Checks, waiting for the API and further attempts come on top.`;
}

function basis(subtasks: number, estimated: number): string {
  const assumed = `${time(DEFAULT_ESTIMATE_SECONDS)} assumed for`;
  if (estimated === subtasks) return 'if the estimates of the plan are right';
  if (estimated === 0) return `with ${assumed} each subtask, as the plan has no estimates`;
  return `if the estimates of the plan are right, with ${assumed} each of the ${subtasks - estimated} subtasks without one`;
}

function time(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  return `${Number((minutes / 60).toFixed(1))} h`;
}
