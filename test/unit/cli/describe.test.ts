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

const alive = () => true;
const now = { now: 2_000, freeMb: 8_000 };

describe('a run that nobody works on', () => {
  it('calls running only what has a worker that lives', () => {
    const launching = { attempt: 'a-1', subtask: 'a', number: 1, worktree: '/w', base: 'base', budgetUsd: 1 };
    const fold = RunFold.of(
      [...started(planOf(subtask('a'))), ...([{ type: 'attempt.launching', ...launching }] as const)].map(
        (event, index) => ({ seq: index + 1, at: 1_000, epoch: 1, event }),
      ),
    );
    const shown = (isAlive: boolean) => runLines(fold.state, now, true, () => isAlive).join('\n');
    expect(shown(true)).toMatch(/running +a:/);
    expect(shown(false)).toMatch(/interrupted +a:/);
    expect(shown(false)).not.toContain('running');
  });
});

describe('what turns under way spend beyond the cap', () => {
  it('is shown with the run and is in its JSON', () => {
    const run = { ...state, costUsd: 1.25 };
    expect(runLines(run, now, false, alive).join('\n')).toContain('passed the spending cap by $0.2500');
    expect(runJson(run, now, false)).toMatchObject({ maxCostUsd: 1, overshootUsd: 0.25 });
  });

  it('is nothing where the cap was kept', () => {
    expect(runLines(state, now, false, alive).join('\n')).not.toContain('spending cap');
    expect(runJson(state, now, false)).toMatchObject({ overshootUsd: 0 });
  });
});
