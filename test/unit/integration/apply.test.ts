import { describe, expect, it } from 'vitest';
import { applyRun } from '../../../src/core/integration/apply.ts';
import type { RunEvent } from '../../../src/core/model/events.ts';
import type { ApplyPlan, Repository } from '../../../src/core/ports/repository.ts';
import { journalAfter } from '../journal-in-memory.ts';
import { BASE, commitOf, completed, planOf, started, subtask } from '../recorded-run.ts';

const NEVER = new AbortController().signal;
const ENDED: RunEvent[] = [
  ...started(planOf(subtask('a'))),
  ...completed('a'),
  { type: 'run.ended', outcome: 'completed', detail: 'Done.' },
];
const BEGUN: RunEvent = { type: 'apply.started', branch: 'main', from: BASE, to: commitOf('d') };
const NOTHING: ApplyPlan = { ok: false, reason: 'nothing', message: 'The branch has it all.', paths: [] };

const having = (plan: ApplyPlan): Repository =>
  ({
    planApply: async () => plan,
    changedFiles: async () => [{ path: 'a.js', change: 'added' }],
    apply: () => Promise.reject(new Error('It was applied again.')),
  }) as Partial<Repository> as Repository;

describe('applying', () => {
  it('says what an owner did that was killed after git had applied it and before it could say so', async () => {
    const journal = journalAfter([...ENDED, BEGUN]);
    const done = await applyRun(journal, having(NOTHING), { hooks: false }, NEVER);
    expect(done).toMatchObject({
      type: 'apply.done',
      branch: 'main',
      commit: commitOf('d'),
      files: [{ path: 'a.js' }],
    });
    expect(journal.state.applied).toMatchObject({ commit: commitOf('d'), branch: 'main' });
  });

  it('claims nothing that was not begun', async () => {
    const journal = journalAfter(ENDED);
    const applying = applyRun(journal, having(NOTHING), { hooks: false }, NEVER);
    await expect(applying).rejects.toMatchObject({ code: 'nothing-to-apply' });
    expect(journal.state.applied).toBeUndefined();
  });
});
