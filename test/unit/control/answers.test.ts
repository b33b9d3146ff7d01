import { describe, expect, it } from 'vitest';
import { askedText, askPermission } from '../../../src/core/approvals/ask.ts';
import { settle } from '../../../src/core/control/decide.ts';
import type { ControlOrder } from '../../../src/core/model/control.ts';
import type { RunEvent } from '../../../src/core/model/events.ts';
import type { Approvals } from '../../../src/core/ports/approvals.ts';
import { journalAfter } from '../journal-in-memory.ts';
import { created, ended, launching, planOf, started, subtask } from '../recorded-run.ts';

const plan = planOf(subtask('a'));
const requested: RunEvent = {
  ...{ type: 'permission.requested', attempt: 'a-1', bytes: { from: 0, to: 10 } },
  ...{ request: 'r', tool: 'Bash', summary: 'Bash: npm install …' },
};
const question = {
  ...{ run: 'run-1', attempt: 'a-1', subtask: 'a', request: 'r', tool: 'Bash', summary: 'Bash: npm install …' },
  input: { command: 'npm install x\nrm -rf y', description: 'Installs x.' },
};
const answer = (allow: boolean, more: object = {}): ControlOrder =>
  ({ type: 'answer', question: 'r', allow, ...more }) as ControlOrder;
const says = (id: string, order: ControlOrder) => ({ version: 1 as const, id, at: 1, by: 'another terminal', order });

/** The person here answers when `answerHere` is called. */
function asking(...events: readonly RunEvent[]) {
  const journal = journalAfter([...started(plan), launching('a'), requested, ...events]);
  let answerHere: (allow: boolean) => void = () => undefined;
  let isWithdrawn = false;
  const approvals = {
    decidePermission: (_, signal) =>
      new Promise((resolve, reject) => {
        answerHere = (allow) => resolve({ allow, reason: '' });
        signal.addEventListener('abort', () => {
          isWithdrawn = true;
          reject(signal.reason);
        });
      }),
  } as Partial<Approvals> as Approvals;
  const asked = askPermission({ journal, approvals }, question, new AbortController().signal);
  return { journal, asked, here: (allow: boolean) => answerHere(allow), isWithdrawn: () => isWithdrawn };
}

describe('a question of a worker', () => {
  it('is answered from elsewhere, and withdrawn here', async () => {
    for (const allow of [true, false]) {
      const { journal, asked, isWithdrawn } = asking();
      expect(journal.state.permissions.get('r')?.asked).toEqual({ number: 1, text: askedText(question) });
      expect(askedText(question)).toContain('command: npm install x\nrm -rf y');
      expect(await settle(journal, says('1', answer(allow)))).toEqual({ outcome: 'accepted', reason: '' });
      expect(await asked).toEqual({ allow, reason: allow ? '' : 'The person denied it.' });
      expect(isWithdrawn()).toBe(true);
      expect(journal.state.permissions.size).toBe(0);
    }
  });

  it('is answered once: who comes second is told so', async () => {
    const { journal, asked, here } = asking();
    await journal.durable();
    here(true);
    expect(await asked).toEqual({ allow: true, reason: '' });
    expect(await settle(journal, says('1', answer(false)))).toMatchObject({
      outcome: 'refused',
      reason: 'It was answered before.',
    });
    expect(journal.state.attempts.get('a-1')?.decisions.get('r')).toBe('allow');
    // Also once its worker is done.
    await journal.record(ended('a-1', 'accepted'));
    expect(await settle(journal, says('2', answer(false)))).toMatchObject({ reason: 'It was answered before.' });
  });

  it('takes the word that the journal had first where both come at once', async () => {
    const { journal, asked, here } = asking();
    await journal.durable();
    const elsewhere = settle(journal, says('1', answer(false)));
    here(true);
    await elsewhere;
    expect(await asked).toEqual({ allow: false, reason: 'The person denied it.' });
  });

  it('can not be answered before the policy has left it to the person', async () => {
    const journal = journalAfter([...started(plan), launching('a'), requested]);
    expect(await settle(journal, says('1', answer(true)))).toMatchObject({
      outcome: 'refused',
      reason: 'Nobody asks that now.',
    });
  });
});

describe('the question whether a plan is approved', () => {
  const proposed = [created(), { type: 'plan.proposed', by: 'file', plan } as const];
  const ofPlan = (allow: boolean, planVersion?: number): ControlOrder => ({
    ...{ type: 'answer', question: 'plan', allow },
    ...(planVersion === undefined ? {} : { planVersion }),
  });

  it('is answered as of the plan that was seen', async () => {
    const journal = journalAfter(proposed);
    const { planVersion } = journal.state;
    expect(await settle(journal, says('1', ofPlan(true, planVersion - 1)))).toMatchObject({ outcome: 'refused' });
    expect(await settle(journal, says('2', ofPlan(true)))).toMatchObject({ outcome: 'refused' });
    expect(await settle(journal, says('3', ofPlan(true, planVersion)))).toMatchObject({ outcome: 'accepted' });
    expect(journal.state.approved).toBe(true);
    expect(await settle(journal, says('4', ofPlan(false, planVersion)))).toMatchObject({ outcome: 'refused' });
  });

  it('can be denied, once', async () => {
    const journal = journalAfter(proposed);
    const { planVersion } = journal.state;
    expect(await settle(journal, says('1', ofPlan(false, planVersion)))).toMatchObject({ outcome: 'accepted' });
    expect(journal.state).toMatchObject({ rejected: true, approved: false });
    expect(await settle(journal, says('2', ofPlan(true, planVersion)))).toMatchObject({ outcome: 'refused' });
  });
});
