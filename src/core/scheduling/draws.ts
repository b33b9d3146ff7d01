import type { SubtaskFigures } from '../model/figures.ts';
import type { Subtask } from '../model/plan.ts';
import { seededRandom } from './random.ts';

/** For each subtask of a plan what it might take, as one that was done before took it. */
export type Draw = readonly Pick<SubtaskFigures, 'seconds' | 'costUsd' | 'tokens'>[];

const MOST_DRAWS = 200;
const FEWEST_DRAWS = 20;
/** So many subtasks are drawn in all: nobody waits for an estimate. */
const SUBTASKS_DRAWN = 20_000;

/** Fewer than these do not say how far estimates are off. */
const FEWEST_ESTIMATED = 8;

/**
 * Draws with replacement from what was done before; the same ones for the same figures. A subtask that says how long it
 * takes is taken by its word, times how far the word of an earlier one was off, where enough of those are known.
 */
export function drawsFrom(figures: readonly SubtaskFigures[], subtasks: readonly Subtask[]): readonly Draw[] {
  const random = seededRandom(figures.length);
  const one = <T>(values: readonly T[]): T | undefined => values[Math.floor(random() * values.length)];
  const estimated = figures.filter(({ estimateSeconds }) => estimateSeconds !== undefined);
  const knowsErrors = estimated.length >= FEWEST_ESTIMATED;
  const draw = ({ estimate }: Subtask): Draw[number] => {
    const drawn = one(estimate && knowsErrors ? estimated : figures) ?? { seconds: 0, costUsd: 0, tokens: 0 };
    const { costUsd, tokens } = drawn;
    if (!estimate) return { seconds: drawn.seconds, costUsd, tokens };
    const error = knowsErrors ? drawn.seconds / (drawn.estimateSeconds ?? drawn.seconds) : 1;
    return { seconds: estimate.seconds * error, costUsd, tokens };
  };
  const count = Math.min(MOST_DRAWS, Math.max(FEWEST_DRAWS, Math.floor(SUBTASKS_DRAWN / subtasks.length)));
  return Array.from({ length: count }, () => subtasks.map(draw));
}
