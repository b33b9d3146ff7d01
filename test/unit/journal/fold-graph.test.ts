import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unfinished } from '../../../src/core/control/unfinished.ts';
import { RunFold } from '../../../src/core/journal/fold.ts';
import type { RunEvent } from '../../../src/core/model/events.ts';
import type { GraphChange } from '../../../src/core/model/graph-change.ts';
import { isInWork, isSatisfied, type RunState } from '../../../src/core/model/run.ts';
import { checkChange, reopens } from '../../../src/core/planning/check-change.ts';
import { checkPlan } from '../../../src/core/planning/check-plan.ts';
import { Scheduler } from '../../../src/core/scheduling/scheduler.ts';
import {
  BASE,
  commitOf,
  completed,
  ended,
  foldOf,
  launching,
  planOf,
  records,
  started,
  subtask,
} from '../recorded-run.ts';

const fan = planOf(subtask('a'), subtask('b', ['a']), subtask('c', ['a']), subtask('d', ['b', 'c']));
const statusesOf = ({ subtasks }: RunState) =>
  Object.fromEntries([...subtasks].map(([id, { status }]) => [id, status]));
const failing = (id: string): RunEvent[] => [
  launching(id),
  ended(`${id}-1`, 'rejected'),
  { type: 'subtask.failed', subtask: id, reason: 'Broken.' },
];

const nextToStart = (run: RunState) => new Scheduler().next(run, [], { now: 0, freeMb: undefined }).launches;

describe('a changed graph', () => {
  it('lets what depended on a skipped subtask depend on what that would have built on', () => {
    const { state } = foldOf(...started(fan), { type: 'subtask.skipped', subtask: 'b' });
    expect(state.subtasks.get('d')?.subtask.dependsOn).toEqual(['a', 'c']);
    const other = foldOf(...started(fan), { type: 'subtask.skipped', subtask: 'a' }).state;
    expect(nextToStart(other).map(({ id }) => id)).toEqual(['b', 'c']);
  });

  it('skips a subtask in work once its worker has ended, whatever that says of its work', () => {
    const skipped: RunEvent = { type: 'subtask.skipped', subtask: 'a', endWorker: true };
    const { state } = foldOf(...started(fan), launching('a'), skipped);
    expect(state.attempts.get('a-1')?.ending).toBe(true);
    expect(state.subtasks.get('a')?.status).toBe('running');
    const after = foldOf(...started(fan), launching('a'), skipped, ended('a-1', 'cancelled')).state;
    expect(after.subtasks.get('a')?.status).toBe('skipped');
    expect(nextToStart(after).map(({ id }) => id)).toEqual(['b', 'c']);
  });

  it('tries a failed subtask again with all that it had blocked, and forgets its failures', () => {
    const events = [...started(fan), ...completed('a'), ...failing('b')];
    expect(statusesOf(foldOf(...events).state)).toEqual({ a: 'completed', b: 'failed', c: 'waiting', d: 'blocked' });
    const { state } = foldOf(...events, { type: 'subtask.retried', subtask: 'd' });
    expect(statusesOf(state)).toEqual({ a: 'completed', b: 'waiting', c: 'waiting', d: 'waiting' });
    expect(state.subtasks.get('b')).toMatchObject({ forgiven: 1, reason: undefined, endedAt: undefined });
  });

  it('keeps blocked what another failure blocks as well', () => {
    const events = [...started(fan), ...completed('a'), ...failing('b'), ...failing('c')];
    const { state } = foldOf(...events, { type: 'subtask.retried', subtask: 'b' });
    expect(statusesOf(state)).toEqual({ a: 'completed', b: 'waiting', c: 'failed', d: 'blocked' });
  });

  it('lets a cancelled run go on with what is retried', () => {
    const over: RunEvent[] = [{ type: 'run.cancelling' }, { type: 'run.ended', outcome: 'cancelled', detail: '' }];
    const again: RunEvent[] = [{ type: 'run.reopened' }, { type: 'subtask.retried', subtask: 'b' }];
    const { state } = foldOf(...started(fan), ...over, ...again);
    expect(state).toMatchObject({ status: 'running', cancelling: false, endedAt: undefined });
    expect(statusesOf(state)).toEqual({ a: 'waiting', b: 'waiting', c: 'waiting', d: 'waiting' });
  });

  it('tries again all that a cancelled subtask rests on, by whichever way that is found first', () => {
    const plan = planOf(subtask('a'), subtask('b'), subtask('c', ['a', 'b']), subtask('d', ['c', 'b']));
    const over: RunEvent[] = [{ type: 'run.cancelling' }, { type: 'run.ended', outcome: 'cancelled', detail: '' }];
    const again: RunEvent[] = [{ type: 'run.reopened' }, { type: 'subtask.retried', subtask: 'd' }];
    const { state } = foldOf(...started(plan), ...over, ...again);
    expect(statusesOf(state)).toEqual({ a: 'waiting', b: 'waiting', c: 'waiting', d: 'waiting' });
  });

  it('does what was cancelled again where that waits for what is retried, though it had a result', () => {
    const plan = planOf(subtask('a'), subtask('b'));
    const accepted: RunEvent[] = [launching('b'), ended('b-1', 'accepted')];
    const over: RunEvent[] = [{ type: 'run.cancelling' }, { type: 'run.ended', outcome: 'cancelled', detail: '' }];
    const edited: RunEvent = { type: 'subtask.edited', subtask: 'b', set: { dependsOn: ['a'] } };
    const again: RunEvent[] = [{ type: 'run.reopened' }, { type: 'subtask.retried', subtask: 'a' }];
    const { state } = foldOf(...started(plan), ...accepted, ...over, edited, ...again);
    expect(statusesOf(state)).toEqual({ a: 'waiting', b: 'waiting' });
    expect(unfinished(state)).toEqual([]);
  });

  it('lets a run that broke off go on as it was left, but for what kept a retried subtask waiting', () => {
    const backedOff: RunEvent[] = [
      ...[launching('b'), ended('b-1', 'infrastructure')],
      { type: 'subtask.backed-off', subtask: 'b', after: 'b-1', untilMs: 1e12, ms: 1e6 },
      { type: 'subtask.paused', subtask: 'b' },
    ];
    const before = foldOf(...started(fan), ...completed('a'), ...backedOff, launching('c')).state;
    expect(before.ready.has('b')).toBe(true);
    const over: RunEvent[] = [ended('c-1', 'interrupted'), { type: 'run.ended', outcome: 'failed', detail: '' }];
    const again: RunEvent[] = [{ type: 'run.reopened' }, { type: 'subtask.retried', subtask: 'b' }];
    const { state } = foldOf(...started(fan), ...completed('a'), ...backedOff, launching('c'), ...over, ...again);
    expect(statusesOf(state)).toEqual({ a: 'completed', b: 'waiting', c: 'waiting', d: 'waiting' });
    expect(state.subtasks.get('b')).toMatchObject({ paused: false, backOff: undefined, forgiven: 1 });
    expect(
      nextToStart(state)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(['b', 'c']);
  });

  it('keeps what came back of a subtask that waits when its run broke off', () => {
    const returned: RunEvent = {
      ...{ type: 'integration.returned', subtask: 'a', attempt: 'a-1', onto: BASE, merged: commitOf('f') },
      ...{ why: 'conflict', reason: 'It conflicts.', message: 'It conflicts.', paths: ['a.js'] },
    };
    const left = [...started(fan), ...completed('a').slice(0, -1), returned];
    const over: RunEvent = { type: 'run.ended', outcome: 'failed', detail: '' };
    const before = foldOf(...left).state.subtasks.get('a');
    expect(before).toMatchObject({ status: 'waiting', returned: { attempt: 'a-1' } });
    const { state } = foldOf(...left, over, { type: 'run.reopened' }, { type: 'subtask.retried', subtask: 'a' });
    expect(state.subtasks.get('a')).toMatchObject({ status: 'waiting', returned: before?.returned });
    expect(nextToStart(state).map(({ id }) => id)).toEqual(['a']);
  });

  it('puts the parts of a split in the place of the whole', () => {
    const into = [subtask('b1', ['a']), subtask('b2', ['b1'])];
    const { state } = foldOf(
      ...started(fan),
      { type: 'subtask.pinned', subtask: 'b' },
      { type: 'subtask.split', subtask: 'b', into },
    );
    expect(state.plan?.subtasks.map(({ id, dependsOn }) => [id, dependsOn])).toEqual([
      ['a', []],
      ['b1', ['a']],
      ['b2', ['b1']],
      ['c', ['a']],
      ['d', ['b2', 'c']],
    ]);
    expect([...state.pinned]).toEqual(['b1', 'b2']);
  });

  it('starts first what is pinned and what that waits for', () => {
    const plan = planOf(subtask('x'), subtask('y'), subtask('z'), subtask('last', ['z']));
    const { state } = foldOf(...started(plan), { type: 'subtask.pinned', subtask: 'last' });
    expect(nextToStart(state).map(({ id }) => id)).toEqual(['z', 'x', 'y']);
  });

  it('starts nothing that is paused until it is unpaused', () => {
    const paused: RunEvent[] = [...started(fan), { type: 'subtask.paused', subtask: 'a' }];
    expect(nextToStart(foldOf(...paused).state)).toEqual([]);
    expect(nextToStart(foldOf(...paused, { type: 'subtask.unpaused', subtask: 'a' }).state)).toHaveLength(1);
  });
});

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const name = fc.constantFrom(...NAMES);
const definition = fc
  .record({ id: name, dependsOn: fc.uniqueArray(name, { maxLength: 3 }) })
  .map(({ id, dependsOn }) => subtask(id, dependsOn));
const endWorker = fc.constantFrom({}, { endWorker: true as const });
const change: fc.Arbitrary<GraphChange> = fc.oneof(
  definition.map((made) => ({ type: 'subtask.added' as const, definition: made })),
  name.map((id) => ({ type: 'subtask.removed' as const, subtask: id })),
  definition.map(({ id, dependsOn }) => ({ type: 'subtask.edited' as const, subtask: id, set: { dependsOn } })),
  fc
    .tuple(name, fc.uniqueArray(definition, { minLength: 2, maxLength: 3, selector: ({ id }) => id }))
    .map(([id, into]) => ({ type: 'subtask.split' as const, subtask: id, into })),
  fc
    .tuple(fc.constantFrom('subtask.pinned', 'subtask.unpinned', 'subtask.unpaused', 'subtask.retried'), name)
    .map(([type, id]) => ({ type, subtask: id }) as GraphChange),
  fc.tuple(name, endWorker).map(([id, how]) => ({ type: 'subtask.paused' as const, subtask: id, ...how })),
  fc.tuple(name, endWorker).map(([id, how]) => ({ type: 'subtask.skipped' as const, subtask: id, ...how })),
);
/** Work goes on: the nth subtask that can start or end does so, this way or that. */
const step = fc.record({ nth: fc.nat(6), fails: fc.boolean() });

function workOn(run: RunState, { nth, fails }: { nth: number; fails: boolean }): RunEvent[] {
  const movable = [...run.subtasks.values()]
    .filter(({ status }) => status === 'running')
    .map(({ subtask: { id } }) => id);
  const startable = [...run.ready].filter((id) => run.subtasks.get(id)?.paused === false);
  const all = [...movable, ...startable];
  const id = all[nth % Math.max(all.length, 1)];
  if (id === undefined || run.endedAt !== undefined) return [];
  const attempts = run.subtasks.get(id)?.attempts ?? [];
  if (!movable.includes(id)) return [launching(id, `${id}-${run.attempts.size}`, attempts.length + 1)];
  const last = attempts.at(-1) ?? '';
  if (run.attempts.get(last)?.ending) return [ended(last, 'cancelled')];
  if (fails) return [ended(last, 'rejected'), { type: 'subtask.failed', subtask: id, reason: 'Broken.' }];
  return completed(id)
    .slice(1)
    .map((event) => ('attempt' in event ? { ...event, attempt: last } : event)) as RunEvent[];
}

function expectTrue(run: RunState, before: RunState | undefined): void {
  const plan = { version: 1, title: 'The plan', subtasks: [...run.subtasks.values()].map((state) => state.subtask) };
  expect(checkPlan(plan, { maxSubtasks: 500 })).toMatchObject({ ok: true });
  expect(run.plan?.subtasks).toEqual(plan.subtasks);
  for (const [id, { subtask: told, status }] of before?.subtasks ?? [])
    if (isInWork(status) || status === 'completed') expect(run.subtasks.get(id)?.subtask).toEqual(told);
  for (const { subtask: own, status } of run.subtasks.values()) {
    const needs = own.dependsOn.map((id) => run.subtasks.get(id)?.status);
    const isHopeless = needs.some((one) => one === 'failed' || one === 'blocked' || one === 'cancelled');
    if (status === 'blocked' || status === 'waiting')
      expect([own.id, status === 'blocked']).toEqual([own.id, isHopeless]);
    expect([own.id, run.ready.has(own.id)]).toEqual([own.id, status === 'waiting' && needs.every(isSatisfied)]);
    for (const id of own.dependsOn) expect(run.dependants.get(id)).toContain(own.id);
  }
  for (const id of run.pinned) expect(run.subtasks.has(id)).toBe(true);
}

describe('any sequence of changes', () => {
  it('keeps the graph whole, leaves started work alone, and is the same replayed', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(change, step), { maxLength: 40 }), (moves) => {
        const events: RunEvent[] = started(planOf(subtask('a'), subtask('b', ['a']), subtask('c', ['a'])));
        const fold = RunFold.of(records(events));
        for (const move of moves) {
          const { state } = fold;
          const before = structuredClone(state);
          const next: RunEvent[] = [];
          if ('type' in move) {
            const checked = checkChange(state, move);
            if (checked.ok && checked.value)
              next.push(...(reopens(state, checked.value) ? [{ type: 'run.reopened' } as const] : []), checked.value);
          } else next.push(...workOn(state, move));
          events.push(...next);
          for (const record of records(events).slice(-next.length || events.length)) fold.apply(record);
          expectTrue(state, before);
        }
        expect(RunFold.of(records(events)).state).toEqual(fold.state);
      }),
      { numRuns: 300 },
    );
  });
});
