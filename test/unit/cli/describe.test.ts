import { describe, expect, it } from 'vitest';
import { runJson, runLines } from '../../../src/cli/describe.ts';
import { RunFold } from '../../../src/core/journal/fold.ts';
import { planOf, started, subtask } from '../recorded-run.ts';

const { state } = RunFold.of(
  started(planOf(subtask('a')), { maxCostUsd: 1 }).map((event, index) => ({
    seq: index + 1,
    at: 1_000,
    epoch: 1,
    event,
  })),
);

const now = { now: 2_000, freeMb: 8_000 };

describe('what turns under way spend beyond the cap', () => {
  it('is shown with the run and is in its JSON', () => {
    const run = { ...state, costUsd: 1.25 };
    expect(runLines(run, now, false).join('\n')).toContain('passed the spending cap by $0.2500');
    expect(runJson(run, now, false)).toMatchObject({ maxCostUsd: 1, overshootUsd: 0.25 });
  });

  it('is nothing where the cap was kept', () => {
    expect(runLines(state, now, false).join('\n')).not.toContain('spending cap');
    expect(runJson(state, now, false)).toMatchObject({ overshootUsd: 0 });
  });
});
