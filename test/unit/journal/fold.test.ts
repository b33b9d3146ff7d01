import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RunFold } from '../../../src/core/journal/fold.ts';
import type { RunEvent } from '../../../src/core/model/events.ts';
import {
  BASE,
  captured,
  commitOf,
  completed,
  created,
  ended,
  foldOf,
  launching,
  planOf,
  records,
  started,
  subtask,
  turnEnded,
  validated,
} from '../recorded-run.ts';

const chain = planOf(subtask('a'), subtask('b', ['a']), subtask('c', ['b']), subtask('alone'));
const statuses = (...events: readonly RunEvent[]) =>
  Object.fromEntries([...foldOf(...events).state.subtasks].map(([id, { status }]) => [id, status]));
const statusOfA = (...events: readonly RunEvent[]) => statuses(...started(chain), ...events)['a'];

describe('the fold', () => {
  it('takes a subtask from waiting to completed', () => {
    const steps = completed('a');
    const seen = steps.map((_, index) => statusOfA(...steps.slice(0, index + 1)));
    expect(seen).toEqual(['running', 'validating', 'validating', 'integrating', 'integrating', 'completed']);
  });

  it('never calls completed what is not merged', () => {
    expect(statusOfA(launching('a'), captured('a-1'), validated('a-1', 'passed'))).toBe('validating');
    expect(statusOfA(launching('a'), ended('a-1', 'accepted'))).toBe('waiting');
  });

  it('goes back to running when findings are sent back, once a turn', () => {
    const sentBack: RunEvent = { type: 'attempt.sent-back', attempt: 'a-1', turn: 1 };
    const { state } = foldOf(
      ...started(chain),
      launching('a'),
      captured('a-1'),
      validated('a-1', 'failed'),
      sentBack,
      sentBack,
    );
    expect(state.subtasks.get('a')?.status).toBe('running');
    expect(state.attempts.get('a-1')).toMatchObject({ iterations: 1, sentBackTurn: 1 });
  });

  it('counts for a worker that goes on with a carried result only what it is told of it', () => {
    const carried: RunEvent = {
      ...{ type: 'attempt.carried', attempt: 'a-1', subtask: 'a', number: 1, base: BASE, why: 'restored' },
      ...{ from: { run: 'earlier', attempt: 'a-0' }, turn: 1, iterations: 0, commit: 'c1', tree: 't1', files: [] },
    };
    const next = { ...launching('a', 'a-2', 2), continues: 'a-1' } as RunEvent;
    const told = (...events: readonly RunEvent[]) =>
      foldOf(...started(chain), carried, ...events, ended('a-1', 'interrupted'), next).state.attempts.get('a-2');
    expect(told()?.iterations).toBe(0);
    expect(told(validated('a-1', 'failed'))?.iterations).toBe(1);
  });

  it('waits after an attempt that did not make it, and says why', () => {
    const { state } = foldOf(
      ...started(chain),
      launching('a'),
      ended('a-1', 'infrastructure'),
      launching('a', 'a-2', 2),
    );
    expect(state.subtasks.get('a')).toMatchObject({ status: 'running', attempts: ['a-1', 'a-2'] });
    expect(statusOfA(launching('a'), ended('a-1', 'rejected'))).toBe('waiting');
  });

  it('blocks all that rests on a failed subtask, and nothing else', () => {
    const failed: RunEvent = { type: 'subtask.failed', subtask: 'a', reason: 'It was broken.' };
    const { state } = foldOf(...started(chain), launching('a'), ended('a-1', 'rejected'), failed);
    expect([...state.subtasks.values()].map(({ status, reason }) => [status, reason])).toEqual([
      ['failed', 'It was broken.'],
      ['blocked', 'It does not start because "a" failed.'],
      ['blocked', 'It does not start because "a" failed.'],
      ['waiting', undefined],
    ]);
  });

  it('cancels what is open at the end of a cancelled run and leaves the rest', () => {
    const cancelled: RunEvent[] = [{ type: 'run.cancelling' }, { type: 'run.ended', outcome: 'cancelled', detail: '' }];
    expect(statuses(...started(chain), ...completed('a'), launching('b'), ...cancelled)).toEqual({
      a: 'completed',
      b: 'cancelled',
      c: 'cancelled',
      alone: 'cancelled',
    });
  });

  it('keeps an open question until it is answered or its attempt has ended', () => {
    const asked: RunEvent = {
      type: 'permission.requested',
      attempt: 'a-1',
      bytes: { from: 0, to: 5 },
      request: 'r1',
      tool: 'Bash',
      summary: 'Bash: ls',
    };
    const decided: RunEvent = {
      type: 'permission.decided',
      attempt: 'a-1',
      request: 'r1',
      behavior: 'allow',
      by: 'person',
      reason: '',
    };
    expect([...foldOf(...started(chain), launching('a'), asked).state.permissions.keys()]).toEqual(['r1']);
    const after = foldOf(...started(chain), launching('a'), asked, decided).state;
    expect(after.permissions.size).toBe(0);
    expect(after.attempts.get('a-1')?.decisions.get('r1')).toBe('allow');
    expect(foldOf(...started(chain), launching('a'), asked, ended('a-1', 'cancelled')).state.permissions.size).toBe(0);
  });

  it('sums costs from cumulative figures, over attempts', () => {
    const { state } = foldOf(
      ...started(chain),
      launching('a'),
      turnEnded('a-1', 1, [0, 10], 0.5),
      turnEnded('a-1', 2, [10, 20], 0.75),
      launching('b'),
      turnEnded('b-1', 1, [0, 10], 1),
    );
    expect(state.costUsd).toBeCloseTo(1.75);
    expect(state.attempts.get('a-1')).toMatchObject({ turns: 2, usage: { costUsd: 0.75 } });
  });

  it('changes nothing when a stretch of the stream is taken in again', () => {
    const events = [
      ...started(chain),
      launching('a'),
      turnEnded('a-1', 1, [0, 10], 0.5),
      turnEnded('a-1', 2, [10, 20], 0.75),
    ];
    const again = [...events, turnEnded('a-1', 3, [0, 10], 0.5), turnEnded('a-1', 4, [10, 20], 0.75)];
    const [found, wanted] = [foldOf(...again).state, foldOf(...events).state];
    expect({ ...found, lastSeq: 0, drivenAt: 0 }).toEqual({ ...wanted, lastSeq: 0, drivenAt: 0 });
  });

  it('gives the same state however often records come again, and from however many starts', () => {
    const all = records([...started(chain), ...completed('a'), ...completed('b'), launching('c')]);
    const whole = RunFold.of(all).state;
    fc.assert(
      fc.property(fc.array(fc.nat(all.length - 1), { maxLength: 20 }), (again) => {
        const fold = RunFold.of(all.slice(0, 1));
        for (const [index, record] of all.slice(1).entries()) {
          for (const earlier of again.filter((at) => at <= index)) fold.apply(all[earlier] ?? record);
          fold.apply(record);
        }
        expect(fold.state).toEqual(whole);
      }),
    );
  });

  it('moves the tip with each merge, in order', () => {
    const { state } = foldOf(...started(chain), ...completed('a'), ...completed('alone'));
    expect(state).toMatchObject({ base: BASE, integrated: commitOf('e'), integrationOrder: ['a', 'alone'] });
  });

  it('knows at every moment which subtasks are ready and which are in work', () => {
    const failed: RunEvent = { type: 'subtask.failed', subtask: 'alone', reason: '' };
    const all = [
      ...started(chain),
      ...completed('a'),
      launching('b'),
      ended('b-1', 'infrastructure'),
      launching('alone'),
      ended('alone-1', 'rejected'),
      failed,
      ...completed('b'),
    ];
    for (const [index] of all.entries()) {
      const { subtasks, ready, inWork } = foldOf(...all.slice(0, index + 1)).state;
      const states = [...subtasks.values()];
      const idsOf = (some: typeof states) => some.map(({ subtask: { id } }) => id).sort();
      const isDone = (id: string) => subtasks.get(id)?.status === 'completed';
      const free = states.filter(
        ({ status, subtask: { dependsOn } }) => status === 'waiting' && dependsOn.every(isDone),
      );
      expect([...ready].sort()).toEqual(idsOf(free));
      const busy = states.filter(({ status }) => ['running', 'validating', 'integrating'].includes(status));
      expect([...inWork].sort()).toEqual(idsOf(busy));
    }
  });

  it('refuses a journal that does not begin, names an unknown attempt or an unknown subtask', () => {
    const damaged = expect.objectContaining({ code: 'journal-damaged' });
    expect(() => RunFold.of([])).toThrow(damaged);
    expect(() => foldOf({ type: 'plan.rejected' })).toThrow(damaged);
    expect(() => foldOf(created(), ended('ghost', 'accepted'))).toThrow(damaged);
    expect(() => foldOf(...started(chain), { type: 'subtask.failed', subtask: 'ghost', reason: '' })).toThrow(damaged);
  });

  it('folds a run of 400 subtasks', () => {
    const many = planOf(...Array.from({ length: 400 }, (_, index) => subtask(`s${index}`)));
    const events = [...started(many), ...many.subtasks.flatMap(({ id }) => completed(id))];
    const fold = foldOf(...events);
    expect(fold.state.integrationOrder).toHaveLength(400);
  });
});
