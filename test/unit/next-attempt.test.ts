import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/core/model/events.ts';
import { nextAttempt } from '../../src/core/next-attempt.ts';
import { ended, foldOf, launching, planOf, started, subtask, turnEnded } from './recorded-run.ts';

const RETRIES = 2;

/** One that was lost with somebody there to see it, unless `lost` is false. */
const interrupted = (attempt: string, lost = true): RunEvent => {
  const event = ended(attempt, 'interrupted');
  return event.type === 'attempt.ended' && lost ? { ...event, lost: true } : event;
};

/** What follows after these attempts at one subtask, one after the other. */
function following(...attempts: readonly ((id: string) => readonly RunEvent[])[]) {
  const events = attempts.flatMap((events, index) => {
    const id = `a-${index + 1}`;
    return [{ ...launching('a', id, index + 1), budgetUsd: 1 } as RunEvent, ...events(id)];
  });
  const { state } = foldOf(...started(planOf(subtask('a')), { infrastructureRetries: RETRIES }), ...events);
  const own = state.subtasks.get('a');
  if (!own) throw new Error('There is no subtask.');
  return nextAttempt(state, own, { now: 0, freeMb: undefined });
}

const lost = (id: string) => [interrupted(id)];
const unseen = (id: string) => [interrupted(id, false)];
const lostLater = (id: string) => [turnEnded(id, 1, [0, 10]), interrupted(id)];
const fails = (id: string) => [ended(id, 'infrastructure')];

describe('what follows from an attempt without a result', () => {
  it('is another one at once where it was lost, as often as nobody was there to see it', () => {
    expect(following(lost)).toEqual({ kind: 'again' });
    expect(following(unseen, unseen, unseen, unseen, unseen)).toEqual({ kind: 'again' });
  });

  it('is a while and then none where one after the other is lost before a turn is over', () => {
    expect(following(lost, lost)).toEqual({ kind: 'wait', failures: 1 });
    expect(following(lost, lost, lost)).toEqual({ kind: 'wait', failures: 2 });
    expect(following(lost, lost, lost, lost)).toMatchObject({
      kind: 'give-up',
      reason: expect.stringContaining('ended its supervisor 4 times in a row'),
    });
  });

  it('says what was seen last of what was lost so often', () => {
    const tool: RunEvent = {
      type: 'attempt.tool-called',
      attempt: 'a-4',
      bytes: { from: 0, to: 1 },
      tool: 'Bash',
      summary: 'Bash: pkill node',
    };
    expect(following(lost, lost, lost, () => [tool, interrupted('a-4')])).toMatchObject({
      reason: expect.stringContaining('Bash: pkill node'),
    });
  });

  it('names the budget where that is what is missing', () => {
    const spent = (id: string): RunEvent => {
      const event = interrupted(id);
      const untold = { costUsd: 1, inputTokens: 10, outputTokens: 0 };
      return event.type === 'attempt.ended' ? { ...event, untold } : event;
    };
    const own = { ...subtask('a'), budget: { attempt: { usd: 1 } } };
    const events = [{ ...launching('a'), budgetUsd: 1 } as RunEvent, spent('a-1')];
    const { state } = foldOf(...started(planOf(own)), ...events);
    const next = nextAttempt(state, state.subtasks.get('a') as never, { now: 0, freeMb: undefined });
    expect(next).toMatchObject({
      kind: 'give-up',
      reason: expect.stringMatching(/It used up its budget of \$1\.00: .* is an estimate\.$/),
    });
  });

  it('counts no losses on both sides of a turn that ended, and passes over what went down unseen', () => {
    expect(following(lost, lostLater)).toEqual({ kind: 'again' });
    expect(following(lost, lostLater, lost)).toEqual({ kind: 'again' });
    expect(following(lost, unseen)).toEqual({ kind: 'again' });
    expect(following(lost, unseen, lost)).toEqual({ kind: 'wait', failures: 1 });
  });

  it('counts them together with other failures', () => {
    expect(following(fails)).toEqual({ kind: 'wait', failures: 1 });
    expect(following(fails, lost)).toEqual({ kind: 'again' });
    expect(following(fails, lost, lost)).toEqual({ kind: 'wait', failures: 2 });
    expect(following(fails, lost, lost, lost)).toMatchObject({ kind: 'give-up' });
    expect(following(fails, fails, fails)).toMatchObject({ kind: 'give-up', reason: 'It was infrastructure.' });
  });
});
