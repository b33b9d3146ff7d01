import type { SubtaskFigures } from '../model/figures.ts';
import type { Plan, Subtask } from '../model/plan.ts';
import { writableBy } from '../model/scope.ts';
import { type Draw, drawsFrom } from './draws.ts';
import { DEFAULT_ESTIMATE_SECONDS } from './graph.ts';
import { simulate } from './simulate.ts';

/** Larger plans are estimated with less effort, so that nobody waits for it. */
const EFFORT = 20_000;

/** Fewer subtasks than these are no history: its spread would say nothing. */
const FEWEST_FIGURES = 8;

/** What is to be expected, and what it is at least and at most in eight of ten cases. */
export interface Expected {
  readonly middle: number;
  readonly low: number;
  readonly high: number;
}

/** How long a run will take and what it will cost, as far as its plan and earlier runs tell. Times in seconds. */
export interface RunEstimate {
  readonly workers: number;
  readonly seconds: number;
  /** With one worker. */
  readonly aloneSeconds: number;
  /** How many subtasks the plan has, and how many of them say how long they take. */
  readonly subtasks: number;
  readonly estimated: number;
  /** Undefined where too little was done before. */
  readonly learned:
    | {
        /** How many earlier subtasks it rests on. */
        readonly from: number;
        readonly seconds: Expected;
        /** US dollars. */
        readonly costUsd: Expected;
        readonly tokens: Expected;
      }
    | undefined;
}

/**
 * Runs the plan through the scheduler, under the rules of a run: one without a scope runs alone.
 *
 * @param figures what earlier subtasks took; with enough of them each subtask is taken for one of those (a bootstrap: the
 * plan is played through many times, each time with other ones), and the spread of the outcomes is the range
 */
export function estimateRun({ subtasks }: Plan, workers: number, figures: readonly SubtaskFigures[] = []): RunEstimate {
  const planned = subtasks.map(({ estimate }) => estimate?.seconds ?? DEFAULT_ESTIMATE_SECONDS);
  const estimate = {
    workers,
    seconds: makespan(subtasks, planned, workers, EFFORT),
    aloneSeconds: sum(planned),
    subtasks: subtasks.length,
    estimated: subtasks.filter(({ estimate }) => estimate !== undefined).length,
    learned: undefined,
  };
  if (figures.length < FEWEST_FIGURES) return estimate;
  const draws = drawsFrom(figures, subtasks);
  const seconds = expected(draws.map((draw) => makespan(subtasks, secondsOf(draw), workers, 0)));
  return {
    ...estimate,
    seconds: seconds.middle,
    aloneSeconds: expected(draws.map((draw) => sum(secondsOf(draw)))).middle,
    learned: {
      from: figures.length,
      seconds,
      costUsd: expected(draws.map((draw) => sum(draw.map(({ costUsd }) => costUsd)))),
      tokens: expected(draws.map((draw) => sum(draw.map(({ tokens }) => tokens)))),
    },
  };
}

function makespan(subtasks: readonly Subtask[], seconds: readonly number[], workers: number, effort: number): number {
  const nodes = subtasks.map((subtask, index) => {
    const { id, dependsOn, priority } = subtask;
    return { id, dependsOn, scope: writableBy(subtask), priority, seconds: seconds[index] ?? 0 };
  });
  return simulate(nodes, workers, { effort }).makespan;
}

const secondsOf = (draw: Draw): readonly number[] => draw.map(({ seconds }) => seconds);

const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);

function expected(outcomes: readonly number[]): Expected {
  const sorted = outcomes.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  return { middle: at(0.5), low: at(0.1), high: at(0.9) };
}
