import { describe, expect, it } from 'vitest';
import { applyRun, planApply, undoRun } from '../../../src/core/integration/apply.ts';
import { OrchestratorError } from '../../../src/core/model/error.ts';
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
const READY: ApplyPlan = { ok: true, branch: 'main', from: BASE, to: commitOf('d'), files: [] };
const NOTHING: ApplyPlan = { ok: false, reason: 'nothing', message: 'The branch has it all.', paths: [] };

const having = (plan: ApplyPlan, more: Partial<Repository> = {}): Repository =>
  ({
    planApply: async () => plan,
    changedFiles: async () => [{ path: 'a.js', change: 'added' }],
    apply: () => Promise.reject(new Error('It was applied again.')),
    ...more,
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

  it('is as if it had not been begun where git could not do it', async () => {
    const journal = journalAfter(ENDED);
    const apply = () => Promise.reject(new OrchestratorError('apply-blocked', 'git refused. Nothing was changed.'));
    await expect(applyRun(journal, having(READY, { apply }), { hooks: false }, NEVER)).rejects.toThrow('git refused');
    expect(journal.state.application).toBeUndefined();
    const again = applyRun(journal, having(NOTHING), { hooks: false }, NEVER);
    await expect(again).rejects.toMatchObject({ code: 'nothing-to-apply' });
  });

  it('is as if it had not been begun where it was stopped before that', async () => {
    const journal = journalAfter(ENDED);
    const stop = new AbortController();
    const apply = async () => {
      stop.abort(new Error('Stopped.'));
      throw stop.signal.reason;
    };
    await expect(applyRun(journal, having(READY, { apply }), { hooks: false }, stop.signal)).rejects.toThrow('Stopped');
    expect(journal.state.application).toBeUndefined();
  });

  it('is under way where some files may be written still', async () => {
    const journal = journalAfter(ENDED);
    const apply = () => Promise.reject(new OrchestratorError('git-failed', 'Some are written.'));
    await expect(applyRun(journal, having(READY, { apply }), { hooks: false }, NEVER)).rejects.toThrow('Some');
    expect(journal.state.application?.isUnderWay).toBe(true);
    const blocked = having({ ok: false, reason: 'in-the-way', message: 'They are changed.', paths: ['a.js'] });
    const found = await planApply(journal.state, blocked, NEVER);
    expect(found).toMatchObject({ message: expect.stringContaining('cut off in the middle. Undo it') });
  });

  it('says that all is there by an owner that was killed, also of files beside uncommitted changes', async () => {
    const [created, ...rest] = ENDED;
    if (created?.type !== 'run.created') throw new Error('No run.');
    const journal = journalAfter([{ ...created, uncommitted: true }, ...rest, { ...BEGUN, inPlace: true } as RunEvent]);
    const plan: ApplyPlan = { ok: false, reason: 'in-the-way', message: 'They are changed.', paths: ['a.js'] };
    const repository = having(plan, { planInPlace: async () => NOTHING });
    const done = await applyRun(journal, repository, { hooks: false }, NEVER);
    expect(done).toMatchObject({ type: 'apply.done', inPlace: true });
    expect(journal.state.application).toMatchObject({ inPlace: true, isUnderWay: false });
  });
});

describe('undoing', () => {
  const done: RunEvent = { type: 'apply.done', branch: 'main', commit: commitOf('d'), files: [] };
  const refusing = (code: 'undo-blocked' | 'git-failed') =>
    having(NOTHING, { undo: () => Promise.reject(new OrchestratorError(code, 'No.')) });

  it('is told to the journal before a file is touched, and no longer where nothing was', async () => {
    const journal = journalAfter([...ENDED, BEGUN, done]);
    expect(journal.state.application?.isUnderWay).toBe(false);
    await expect(undoRun(journal, refusing('undo-blocked'), NEVER)).rejects.toThrow('No.');
    expect(journal.state.application?.isUnderWay).toBe(false);
    await expect(undoRun(journal, refusing('git-failed'), NEVER)).rejects.toThrow('No.');
    expect(journal.state.application?.isUnderWay).toBe(true);
    // What was cut off before still is.
    await expect(undoRun(journal, refusing('undo-blocked'), NEVER)).rejects.toThrow('No.');
    expect(journal.state.application?.isUnderWay).toBe(true);
    await undoRun(journal, having(NOTHING, { undo: async () => undefined }), NEVER);
    expect(journal.state).toMatchObject({ application: undefined, applied: undefined });
  });
});
