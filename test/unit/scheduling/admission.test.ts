import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../src/core/model/events.ts';
import type { RunState } from '../../../src/core/model/run.ts';
import { mayStillStart } from '../../../src/core/scheduling/admission/list.ts';
import { Scheduler } from '../../../src/core/scheduling/scheduler.ts';
import { reasonOf, waitingFor } from '../../../src/core/scheduling/waiting.ts';
import { completed, created, ended, foldOf, launching, planOf, started, subtask } from '../recorded-run.ts';

const NOW = { now: 1_000_000, freeMb: undefined };
const state = (...events: readonly RunEvent[]): RunState => foldOf(...events).state;
const reserved = (id: string, budget: { budgetTokens?: number; budgetMs?: number }, attempt?: string): RunEvent =>
  ({ ...launching(id, attempt), ...budget }) as RunEvent;
const used = (attempt: string, turn: number, tokens: number, cacheReadTokens = 0): RunEvent => ({
  type: 'attempt.turn-ended',
  attempt,
  bytes: { from: turn * 10, to: turn * 10 + 10 },
  turn,
  failure: null,
  detail: '',
  usage: { costUsd: 0, inputTokens: tokens + cacheReadTokens, cacheReadTokens, outputTokens: 0 },
});
const backedOff = (id: string, untilMs: number, ms: number): RunEvent => {
  return { type: 'subtask.backed-off', subtask: id, after: `${id}-1`, untilMs, ms };
};
const pair = planOf(subtask('a'), subtask('b'));

describe('what a waiting subtask waits for', () => {
  const chain = planOf(subtask('a'), subtask('b', ['a']), subtask('c'));
  const overlapping = planOf(subtask('a', [], ['src/**']), subtask('b', [], ['src/b.js']));
  const cases: readonly [string, readonly RunEvent[], string, string, string][] = [
    [
      'approval',
      [created(), { type: 'plan.proposed', by: 'file', plan: pair }],
      'a',
      'start',
      'the plan waits for approval',
    ],
    [
      'nothing, where it was only planned',
      [
        created(),
        { type: 'plan.proposed', by: 'file', plan: chain },
        { type: 'run.ended', outcome: 'planned', detail: '' },
      ],
      'b',
      'start',
      'the run was only planned',
    ],
    ['a cancel', [...started(pair), { type: 'run.cancelling' }], 'a', 'start', 'the run is being cancelled'],
    ['the person', [...started(pair), { type: 'run.paused' }], 'a', 'pause', 'the run is paused'],
    ['the person, alone', [...started(pair), { type: 'subtask.paused', subtask: 'a' }], 'a', 'pause', 'it is paused'],
    ['dependencies', [...started(chain), launching('a')], 'b', 'dependencies', 'waits for "a"'],
    ['files', [...started(overlapping), launching('a')], 'b', 'scope', 'may change the same files as "a"'],
    ['a worker', [...started(pair, { concurrency: 1 }), launching('a')], 'b', 'workers', 'the only worker is busy'],
    [
      'room on the disk',
      [...started(pair), { type: 'subtask.held', subtask: 'a', room: '21.0 of 20 GB are used.' }],
      'a',
      'room',
      'waits for room on the disk, which another worktree gives back: 21.0 of 20 GB are used.',
    ],
    [
      'its back-off',
      [...started(pair), launching('a'), ended('a-1', 'infrastructure'), backedOff('a', 1_004_000, 8_000)],
      'a',
      'back-off',
      'tries again in 4 s after: It was infrastructure.',
    ],
    [
      'tokens that are reserved',
      [...started(pair, { maxTokens: 100 }), reserved('a', { budgetTokens: 90 })],
      'b',
      'budget',
      'waits for tokens that running workers have reserved',
    ],
    [
      'tokens that are gone',
      [...started(pair, { maxTokens: 1000 }), launching('a'), used('a-1', 1, 1200), ended('a-1', 'rejected')],
      'b',
      'budget',
      'the token cap of 1,000 tokens is reached',
    ],
  ];

  it.each(cases)('is %s', (_, events, id, waitsFor, reason) => {
    expect(waitingFor(state(...events), id, NOW)).toMatchObject({ waitsFor, reason });
  });

  it('is room on the disk no longer once there is some, or it has begun', () => {
    const held: RunEvent = { type: 'subtask.held', subtask: 'a', room: 'Full.' };
    expect(state(...started(pair), held, { ...held, room: null }).subtasks.get('a')?.room).toBeUndefined();
    expect(state(...started(pair), held, launching('a')).subtasks.get('a')?.room).toBeUndefined();
  });

  it('is memory, unless it would be the only worker', () => {
    const short = { now: 1_000_000, freeMb: 399 };
    expect(waitingFor(state(...started(pair)), 'a', short)).toBeUndefined();
    const busy = state(...started(pair), launching('a'));
    expect(waitingFor(busy, 'b', { ...NOW, freeMb: 400 })).toBeUndefined();
    expect(waitingFor(busy, 'b', short)).toMatchObject({
      waitsFor: 'memory',
      reason: 'waits for memory: a worker needs 400 MB, 399 MB are free',
      againAt: 1_005_000,
    });
    expect(waitingFor(state(...started(pair, { workerMemoryMb: 0 }), launching('a')), 'b', short)).toBeUndefined();
  });

  it('is nothing for one that has failed, of which the failure is told', () => {
    const failed: RunEvent = { type: 'subtask.failed', subtask: 'a', reason: 'It broke.' };
    const run = state(...started(pair), failed);
    const own = run.subtasks.get('a');
    expect(own && reasonOf(run, own, NOW)).toBe('It broke.');
  });

  it('is what kept it from starting, once the run has ended', () => {
    const spent = [launching('a'), used('a-1', 1, 120), ended('a-1', 'rejected')];
    const end: RunEvent = { type: 'run.ended', outcome: 'failed', detail: '' };
    expect(waitingFor(state(...started(pair, { maxTokens: 100 }), ...spent, end), 'b', NOW)?.reason).toBe(
      'the token cap of 100 tokens is reached',
    );
    expect(waitingFor(state(...started(pair), end), 'b', NOW)?.reason).toBe('the run ended before it could start');
  });
});

describe('a launch', () => {
  const next = (run: RunState, conditions = NOW as { now: number; freeMb: number | undefined }) =>
    new Scheduler().next(run, [], conditions);

  it('leaves memory for those that have just been started', () => {
    const plan = planOf(...['a', 'b', 'c'].map((id) => subtask(id)));
    const run = state(...started(plan));
    expect(next(run, { ...NOW, freeMb: 100 }).launches.map(({ id }) => id)).toEqual(['a']);
    expect(next(run, { ...NOW, freeMb: 800 }).launches.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(next(run, { ...NOW, freeMb: 800 }).againAt).toBe(1_005_000);
    expect(next(run, { ...NOW, freeMb: 1200 }).launches).toHaveLength(3);
    // The fold's clock says that "a" began at 4,000.
    const young = state(...started(plan), launching('a'));
    expect(next(young, { now: 9_000, freeMb: 800 }).launches).toHaveLength(1);
    expect(next(young, { now: 60_000, freeMb: 800 }).launches).toHaveLength(2);
  });

  it('waits until a back-off is over, whatever the clock does, and lets others go first', () => {
    const failed = [launching('a'), ended('a-1', 'infrastructure'), backedOff('a', 1_004_000, 8_000)];
    const run = state(...started(pair), ...failed);
    expect(next(run)).toMatchObject({ launches: [{ id: 'b' }], againAt: 1_004_000 });
    expect(next(run, { ...NOW, now: 1_004_000 }).launches).toHaveLength(2);
    expect(next(run, { ...NOW, now: 900_000 }).launches).toHaveLength(2);
  });

  it('counts tokens without those from the prompt cache, and gives back what was not used', () => {
    const run = state(
      ...started(pair, { maxTokens: 1000 }),
      reserved('a', { budgetTokens: 500 }),
      used('a-1', 1, 300, 90_000),
      ended('a-1', 'rejected'),
    );
    expect(run).toMatchObject({ tokens: 300, committedTokens: 300 });
    const passed = state(...started(pair), reserved('a', { budgetTokens: 500 }), used('a-1', 1, 700));
    expect(passed).toMatchObject({ tokens: 700, committedTokens: 700 });
  });

  it('is refused at the last moment where others have passed their budgets meanwhile', () => {
    const before = state(...started(pair, { maxTokens: 1000 }), reserved('b', { budgetTokens: 500 }));
    const budget = { usd: 0.1, tokens: 500, ms: 60_000 };
    expect(mayStillStart(before, budget, NOW)).toBe(true);
    const passed = state(
      ...started(pair, { maxTokens: 1000 }),
      reserved('b', { budgetTokens: 500 }),
      used('b-1', 1, 501),
    );
    expect(mayStillStart(passed, budget, NOW)).toBe(false);
    expect(mayStillStart(before, { ...budget, usd: 100 }, NOW)).toBe(false);
    expect(mayStillStart(before, { ...budget, ms: 1e9 }, NOW)).toBe(false);
  });

  it('is not refused for what shares of a cap are rounded by', () => {
    const plan = planOf(...Array.from({ length: 11 }, (_, one) => subtask(`s${one}`)));
    const launched = Array.from(
      { length: 10 },
      (_, one) => ({ ...launching(`s${one}`), budgetUsd: 2 / 11 }) as RunEvent,
    );
    const run = state(...started(plan, { maxCostUsd: 2 }), ...launched);
    expect(mayStillStart(run, { usd: 2 / 11, tokens: 0, ms: 0 }, NOW)).toBe(true);
  });

  it('gets no more time than is left of the run and of the subtask', () => {
    const limited = { ...subtask('a'), budget: { minutes: 7 } };
    const plan = planOf(limited, subtask('b'));
    const times = (run: RunState) => next(run).launches.map(({ id, budget }) => [id, budget.ms / 60_000]);
    expect(times(state(...started(plan, { maxMinutes: 30 })))).toEqual([
      ['a', 7],
      ['b', 30],
    ]);
    // A second for each event: "a" works for one.
    const once = state(...started(plan, { maxMinutes: 30 }), launching('a'), ended('a-1', 'infrastructure'));
    expect(once.workedMs).toBe(1_000);
    expect(times(once)).toEqual([
      ['a', 7 - 1 / 60],
      ['b', 30 - 1 / 60],
    ]);
  });

  it('is refused to a subtask that has used up its own limit, and to no other', () => {
    const plan = planOf({ ...subtask('a'), budget: { tokens: 100 } }, subtask('b'));
    const run = state(...started(plan), launching('a'), used('a-1', 1, 90), ended('a-1', 'infrastructure'));
    expect(next(run).launches.map(({ id }) => id)).toEqual(['b']);
    expect(waitingFor(run, 'a', NOW)).toMatchObject({
      waitsFor: 'budget',
      reason: 'its own limit of 100 tokens is used up',
    });
  });

  it('works on a run again whose time went on while nobody was there only as long as its workers worked', () => {
    const run = state(...started(pair), ...completed('a'));
    expect(run.workedMs).toBe(3_000);
    expect(run.workingSince).toBeUndefined();
  });
});
