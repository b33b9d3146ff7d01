import type { SubtaskBudget } from '../../src/core/model/plan.ts';
import type { Case, CheckCase } from './case.ts';
import type { Stream } from './stream.ts';

/**
 * What a case has more of than others: results that conflict, many results at the same moment with checks that fail, or
 * budgets that are nearly used up.
 */
export const THEMES = ['any', 'any', 'any', 'conflicts', 'conflicts', 'crowd', 'budgets'] as const;
export type Theme = (typeof THEMES)[number];

/** Of a subtask over all its attempts, and of each of them. */
export const OWN_LIMITS: readonly SubtaskBudget[] = [
  { usd: 0.3 },
  { usd: 1 },
  { tokens: 20_000 },
  { tokens: 100_000 },
  { minutes: 5 },
  { minutes: 45 },
  { attempt: { usd: 0.5 } },
  { usd: 2, attempt: { usd: 0.3, tokens: 50_000 } },
];

/** Which results don't fit together, and how the project's check behaves. */
export function mergesOf(
  size: number,
  random: Stream,
  theme: Theme,
): Pick<Case, 'clashes' | 'spoils'> & Partial<Pick<Case, 'check'>> {
  const often = theme === 'conflicts' ? 0.7 : theme === 'crowd' ? 0.3 : 0.15;
  const pairs = (): string[] => (size > 1 && random.chance(often) ? [pairOf(size, random)].filter(isPair) : []);
  const more = theme === 'conflicts' ? 4 : 1;
  const some = (): string[] => [...new Set(Array.from({ length: random.int(1, more) }, pairs).flat())];
  return {
    clashes: some(),
    spoils: theme === 'conflicts' && random.chance(0.5) ? [] : some(),
    ...(random.chance(theme === 'crowd' ? 0.95 : 0.5) ? { check: checkOf(size, random, pairs, theme) } : {}),
  };
}

export const pairOf = (size: number, random: Stream): string =>
  `s${random.int(0, size - 2)}+s${random.int(0, size - 1)}`;
export const isPair = (pair: string): boolean => new Set(pair.split('+')).size === 2;

function checkOf(size: number, random: Stream, pairs: () => string[], theme: Theme): CheckCase {
  const most = theme === 'crowd' ? Math.max(3, size >> 2) : 3;
  const some = (): string[] => Array.from({ length: random.int(0, most) }, () => `s${random.int(0, size - 1)}`);
  return {
    detected: random.chance(0.4),
    hopeless: random.chance(0.05),
    breaks: [...new Set([...some(), ...pairs(), ...pairs(), ...pairs()])],
    stubborn: random.chance(0.3) ? some() : [],
    flakiness: random.pick([0, 0, 0.2, 0.5]),
    trouble: random.pick(theme === 'crowd' ? [0, 0, 0.1, 0.4, 0.8] : [0, 0, 0, 0.1, 0.5]),
    // Nothing is drawn for it, so that what is drawn later stays as it is.
    ...(size % 4 === 0 ? { writes: true } : {}),
  };
}

type Limits = Pick<Case, 'costUsd' | 'maxCostUsd' | 'maxTokens' | 'maxMinutes' | 'tokensATurn' | 'attemptMinutes'>;

/** What a turn takes and how much there is. */
export function limitsOf(size: number, random: Stream, theme: Theme): Limits {
  if (theme !== 'budgets')
    return {
      costUsd: random.pick([0, 0.01, 0.4]),
      maxCostUsd: random.pick([2, 5, 2 * size, 100]),
      ...random.pick([{}, { tokensATurn: 1_000 }, { tokensATurn: 40_000, maxTokens: 100_000 * (size + 4) }]),
      ...random.pick([{}, {}, { maxMinutes: 120 + 20 * size }]),
    };
  return {
    costUsd: random.pick([0, 0.1, 0.4]),
    maxCostUsd: random.pick([0.5, 1, 2, 5]),
    ...random.pick([{}, { tokensATurn: 20_000, maxTokens: random.pick([50_000, 100_000, 200_000]) }]),
    ...random.pick([{}, { maxMinutes: random.pick([20, 40, 90]), attemptMinutes: random.pick([10, 30]) }]),
  };
}
