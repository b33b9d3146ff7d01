import { describe, expect, it } from 'vitest';
import type { SubtaskFigures } from '../../../src/core/model/figures.ts';
import { estimateRun } from '../../../src/core/scheduling/estimate.ts';
import { estimateText } from '../../../src/core/scheduling/estimate-text.ts';
import { planOf, subtask } from '../recorded-run.ts';

const figures = (count: number, one: (index: number) => SubtaskFigures): SubtaskFigures[] =>
  Array.from({ length: count }, (_, index) => one(index));

const plain = planOf(subtask('a'), subtask('b'), subtask('c', ['a']));

describe('the estimate of a run', () => {
  it('rests on the plan alone where little was done before, and says so', () => {
    const few = figures(7, () => ({ seconds: 1, costUsd: 1, tokens: 1 }));
    const estimate = estimateRun(plain, 2, few);
    expect(estimate).toMatchObject({ seconds: 600, aloneSeconds: 900, learned: undefined });
    expect(estimateText(estimate)).toBe(
      'About 10 min with 2 workers, 15 min with one, with 5 min assumed for each subtask, as the plan has no estimates. Checks, waiting for the API and further attempts come on top.',
    );
  });

  it('counts with one after the other where one produces what the other may write', () => {
    const plan = planOf({ ...subtask('a'), produces: ['docs/a.md'] }, subtask('b', [], ['docs/**']));
    expect(estimateRun(plan, 2)).toMatchObject({ seconds: 600, aloneSeconds: 600 });
  });

  it('takes subtasks for what earlier ones were, all alike here', () => {
    const alike = figures(8, () => ({ seconds: 60, costUsd: 0.5, tokens: 20_000 }));
    const estimate = estimateRun(plain, 2, alike);
    expect(estimate).toMatchObject({ seconds: 120, aloneSeconds: 180 });
    expect(estimateText(estimate)).toBe(
      'About 2 min with 2 workers, 3 min with one; $1.50; 60k tokens, judging by the last 8 subtasks in this repository. In brackets: eight of ten cases. Checks and waiting for the API come on top.',
    );
  });

  it('gives a range that grows with the spread of what was done before', () => {
    const narrow = estimateRun(
      plain,
      1,
      figures(40, (i) => ({ seconds: 100 + (i % 3), costUsd: 1, tokens: 1 })),
    );
    const wide = estimateRun(
      plain,
      1,
      figures(40, (i) => ({ seconds: i % 2 ? 20 : 180, costUsd: i % 5, tokens: 1 })),
    );
    const width = ({ learned }: typeof wide): number => (learned ? learned.seconds.high - learned.seconds.low : 0);
    expect(estimateText(wide)).toMatch(
      /^About .* \(.* to .*\) with one worker; \$.* \(\$.* to \$.*\); 3 tokens, judging/,
    );
    expect(width(wide)).toBeGreaterThan(10 * width(narrow));
    expect(wide.learned?.costUsd.low).toBeLessThan(wide.learned?.costUsd.high ?? 0);
  });

  it('takes the word of a plan times how far earlier ones were off', () => {
    const plan = planOf({ ...subtask('a'), estimate: { seconds: 100 } });
    const late = figures(10, () => ({ seconds: 150, costUsd: 1, tokens: 1, estimateSeconds: 50 }));
    expect(estimateRun(plan, 1, late).seconds).toBeCloseTo(300);
    const unsaid = figures(10, () => ({ seconds: 150, costUsd: 1, tokens: 1 }));
    expect(estimateRun(plan, 1, unsaid).seconds).toBe(100);
  });

  it('is the same each time for the same history', () => {
    const spread = figures(20, (i) => ({ seconds: 10 * i, costUsd: i, tokens: i }));
    expect(estimateRun(plain, 2, spread)).toEqual(estimateRun(plain, 2, spread));
  });
});
