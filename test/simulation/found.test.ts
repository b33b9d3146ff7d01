import { describe, expect, it } from 'vitest';
import { planOf, subtask } from '../unit/recorded-run.ts';
import type { Ask } from './asks.ts';
import type { Case, Fault } from './case.ts';
import { plain, strike } from './plain-case.ts';
import { simulate } from './simulate.ts';

const chain = planOf(subtask('a', [], ['a.js']), subtask('b', ['a'], ['b.js']));
/** Asked once the run has ended. */
const LATE = 1_000_000;

/** Each was found by a seed and shrunk; seeds change with the generator, these cases do not. */
describe('what the simulation has found before', () => {
  it('gives a subtask up once, though its owner was killed before it could say so', async () => {
    for (const behaviour of ['broken', 'api-fails', 'no-login'] as const) {
      for (const phase of ['after', 'written']) {
        const faults = [strike('crash', `record attempt.ended/${phase}`)];
        const { state } = await simulate({ ...plain, seed: 1, behaviours: { a: [behaviour] }, faults });
        expect(state.subtasks.get('a')).toMatchObject({ status: 'failed', attempts: { length: 1 } });
      }
    }
  });

  it('does not take a worker that was ended for want of a journal for one that the person cancelled', async () => {
    const faults = [strike('fsync-fails', 'record attempt.turn-ended/written')];
    const { state } = await simulate({ ...plain, seed: 2, faults });
    expect(state.status).toBe('completed');
  });

  it('keeps the worktree of an attempt whose end could not be written', async () => {
    const faults = [strike('fsync-fails', 'record attempt.ended/written'), strike('crash', 'capture/before')];
    const { state } = await simulate({ ...plain, seed: 3, faults });
    expect(state.status).toBe('completed');
  });

  it('records nothing after the end, though the person cancels while it is written', async () => {
    for (const phase of ['before', 'during', 'written']) {
      const { state } = await simulate({ ...plain, seed: 4, faults: [strike('cancel', `record run.ended/${phase}`)] });
      expect(state.status).toBe('completed');
      expect(state.cancelling).toBe(false);
    }
  });

  it('gives one answer to a question that comes twice', async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const { state } = await simulate({ ...plain, seed, behaviours: { a: ['asks-again'] }, faults: [] });
      expect(state.status).toBe('completed');
    }
  });

  it('reads a journal whose owner was killed before a sync, after the next owner lost its power', async () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const faults = [
        strike('crash', 'record attempt.launched/written'),
        strike('power-loss', 'open-journal/after', 2),
      ];
      const { state } = await simulate({ ...plain, seed, faults });
      expect(state.status).toBe('completed');
    }
  });

  it('takes the integration ref back when it was moved, the owner killed, and the run cancelled', async () => {
    const faults = [strike('crash', 'move-ref/after'), strike('cancel', 'record integration.started/before', 2)];
    const { state, history } = await simulate({ ...plain, seed: 5, faults });
    expect(state.status).toBe('cancelled');
    expect(history.filter(([, what]) => what.startsWith('move-ref'))).toHaveLength(2);
  });

  it('says that a run is cancelled before it ends what the run had in work, also when the cancel came first', async () => {
    const found: string[] = [];
    for (let seed = 1; seed <= 20; seed += 1) {
      // What was made and not used is swept away by the next owner, and meanwhile the person cancels.
      const faults = [
        strike('crash', 'make-slot/after', 3),
        strike('cancel', 'snapshot-slot/before'),
        strike('crash', 'record attempt.ended/after'),
      ];
      const plan = planOf(subtask('a', [], ['a.js']), subtask('b', [], ['b.js']), subtask('c', [], ['c.js']));
      const { state } = await simulate({ ...plain, plan, concurrency: 3, seed, faults });
      found.push(state.status);
    }
    expect(found).toContain('cancelled');
  });

  it('launches no planner after a cancel that is not on disk yet', async () => {
    for (let nth = 1; nth <= 20; nth += 1) {
      const asks = [{ nth, order: { type: 'cancel' } as const }];
      for (let seed = 1; seed <= 10; seed += 1)
        expect((await simulate({ ...plain, seed, planner: ['good'], faults: [], asks })).state.status).toBe(
          'cancelled',
        );
    }
  });

  it('does not try again what failed for a login, though the supervisor was lost after it', async () => {
    const faults = [strike('power-loss', 'record attempt.turn-ended/after')];
    for (let seed = 1; seed <= 10; seed += 1) {
      const { state } = await simulate({ ...plain, seed, behaviours: { a: ['no-login'] }, faults });
      expect(state.subtasks.get('a')).toMatchObject({ status: 'failed', attempts: { length: 1 } });
    }
  });

  it('leaves a run to its next owner when the planner fails while the window closes', async () => {
    const faults = [strike('detach', 'record attempt.ended/written')];
    const { state } = await simulate({ ...plain, seed: 6, planner: ['broken'], faults });
    expect(state.status).toBe('completed');
  });

  it('starts nothing that may write the same files while a conflict waits for a person who is not there', async () => {
    const scopes = { s1: ['s1.js'], s2: ['s*.js'], s3: [] };
    const plan = planOf(...Object.entries(scopes).map(([id, scope]) => subtask(id, [], scope)));
    for (let seed = 1; seed <= 20; seed += 1) {
      const { state } = await simulate({ ...plain, seed, plan, clashes: ['s1+s2'], faults: [] });
      expect(['completed', 'failed']).toContain(state.status);
    }
  });

  it('does not blame a result for a check that has failed before it, though it could not be started again there', async () => {
    const plan = planOf(subtask('a', [], ['a.js']), subtask('b', ['a'], ['b.js']));
    const check = { detected: true, hopeless: false, breaks: ['a'], stubborn: [], flakiness: 0, trouble: 0.5 };
    for (let seed = 1; seed <= 60; seed += 1) {
      const { state } = await simulate({ ...plain, seed, plan, check, qualityIterations: 1, faults: [] });
      expect(['completed', 'failed']).toContain(state.status);
    }
  });

  it('blames no result of a batch for a check that turns out to fail before it while the culprit is looked for', async () => {
    const plan = planOf(...['a', 'b', 'c', 'd'].map((id) => subtask(id, [], [`${id}.js`])));
    const check = { detected: true, hopeless: true, breaks: ['a', 'c'], stubborn: [], flakiness: 0, trouble: 0.5 };
    const uneven = { ...check, hopeless: false, breaks: ['a'], stubborn: ['b'], flakiness: 0.5 };
    const found: Partial<Case>[] = [
      { seed: 517, check: uneven },
      { seed: 666, check: { ...check, flakiness: 0.5 }, concurrency: 4 },
      { seed: 919, check: { ...check, stubborn: ['b'] }, infrastructureRetries: 1 },
      { seed: 1339, check: { ...check, stubborn: ['a'] }, infrastructureRetries: 1 },
    ];
    for (const one of found) {
      const { state } = await simulate({ ...plain, seed: 1, plan, qualityIterations: 1, faults: [], ...one });
      expect(['completed', 'failed']).toContain(state.status);
    }
  });

  it('leaves no worktree of checks behind, wherever a cancel meets it being made ready', async () => {
    const check = { detected: false, hopeless: false, breaks: [], stubborn: [], flakiness: 0, trouble: 0 };
    for (const at of ['turn-slot/before', 'turn-slot/after', 'make-slot/after', 'prepare/before', 'prepare/after'])
      for (const [seed, nth] of [300_589, 1, 2, 3].flatMap((one) => [[one, 1] as const, [one, 2] as const])) {
        const { state } = await simulate({ ...plain, seed, check, faults: [strike('cancel', at, nth)] });
        expect(['completed', 'cancelled']).toContain(state.status);
      }
  });

  it('answers what was asked of a run whose cancel an earlier owner had begun', async () => {
    const faults: Fault[] = [
      { type: 'freeze', at: 'anywhere', nth: 1, ms: 24_663_718 },
      { type: 'freeze', at: 'open-journal/before', nth: 2, ms: 14_479_460 },
      { type: 'crash', at: 'snapshot-slot/after', nth: 1, ms: 5_541_877 },
    ];
    const asks = [
      { nth: 25, order: { type: 'cancel' } as const },
      { nth: 30, order: { type: 'change', change: { type: 'subtask.pinned', subtask: 'n2' } } as const },
    ];
    const given = { ...plain, maxCostUsd: 100, freeMemoryMb: 700, plan: planOf(subtask('s4', [], ['s*.js'])) };
    const { state } = await simulate({ ...given, seed: 301_010, faults, asks });
    expect(state.status).toBe('cancelled');
  });

  it('does not count the time in which the machine slept for work', async () => {
    const night = 12 * 60 * 60_000;
    for (let seed = 1; seed <= 10; seed += 1) {
      const faults: Fault[] = [{ type: 'clock-jump', at: 'turn', nth: 1, ms: night }];
      const { state } = await simulate({ ...plain, plan: chain, maxMinutes: 200, seed, faults });
      expect(state.status).toBe('completed');
      expect(Math.abs(state.workedMs)).toBeLessThan(60 * 60_000);
    }
  });

  it('starts a subtask that may use little for itself, though too little is left for another one', async () => {
    const small = { ...subtask('small', ['first'], ['small.js']), budget: { attempt: { tokens: 40_000 } } };
    const large = { ...subtask('large', ['first'], ['large.js']), priority: 10 };
    const plan = planOf(subtask('first', [], ['first.js']), large, small);
    const tokens = { concurrency: 1, tokensATurn: 80_000, maxTokens: 100_000 };
    const { state } = await simulate({ ...plain, ...tokens, seed: 1, plan, faults: [] });
    expect(state.subtasks.get('large')?.attempts).toEqual([]);
    expect(state.subtasks.get('small')?.attempts).not.toEqual([]);
  });

  it('plans again when an owner whose journal failed has ended its planner', async () => {
    for (const at of ['record attempt.turn-ended/written', 'record attempt.session/written']) {
      const faults = [strike('fsync-fails', at)];
      for (let seed = 1; seed <= 10; seed += 1) {
        const { state } = await simulate({ ...plain, seed, planner: ['good'], faults });
        expect(state.status).toBe('completed');
      }
    }
  });

  it('tries again what was stopped when the run could not go on, though its owner was killed before it said so', async () => {
    const plan = planOf(subtask('a', [], ['a.js']), subtask('b', [], ['b.js']));
    const behaviours = { a: ['asks'], b: ['silent'] } as const;
    const faults = [strike('crash', 'record run.ended/before')];
    for (let seed = 1; seed <= 5; seed += 1) {
      const { state } = await simulate({ ...plain, seed, plan, behaviours, faults, nobodyCanBeAsked: true });
      expect(state.subtasks.get('b')?.status).not.toBe('failed');
    }
  });

  it('lets go of a worker that is being ended and stands still when its owner goes away', async () => {
    const plan = planOf(subtask('a', [], ['a.js']), subtask('b', [], ['b.js']), subtask('c', [], ['c.js']));
    const behaviours = { b: ['good'], c: ['good'] } as const;
    const skip = { type: 'subtask.skipped', subtask: '?running', endWorker: true } as const;
    const asks = [{ nth: 100, order: { type: 'change', change: skip } }] as const;
    for (let seed = 1; seed <= 40; seed += 1) {
      const faults: Fault[] = [
        { type: 'supervisor-frozen', at: 'record attempt.launched/written', nth: 1, ms: 54_000_000 },
        strike('detach', 'merge/before'),
      ];
      const { state } = await simulate({ ...plain, seed, plan, concurrency: 3, behaviours, faults, asks });
      expect(state.endedAt).toBeDefined();
    }
  });

  it('calls a check flaky that failed, could not be started, and then passed', async () => {
    const check = { detected: false, hopeless: false, breaks: [], stubborn: [], flakiness: 1, trouble: 0.5 };
    for (let seed = 1; seed <= 20; seed += 1) {
      const { state } = await simulate({ ...plain, seed, check, infrastructureRetries: 3, faults: [] });
      expect(['completed', 'failed']).toContain(state.status);
    }
  });

  it('does not obey what came too late for the end of a run once that goes on again', async () => {
    for (const phase of ['before', 'during', 'written']) {
      const asks: Ask[] = [
        { at: `record run.ended/${phase}`, nth: 1, order: { type: 'cancel' } },
        { nth: LATE, order: { type: 'change', change: { type: 'subtask.retried', subtask: '?failed' } } },
      ];
      for (let seed = 1; seed <= 5; seed += 1) {
        const given = { ...plain, seed, behaviours: { a: ['broken'] as const }, faults: [], asks };
        const { state } = await simulate(given);
        expect(state).toMatchObject({ status: 'completed', cancelling: false });
        expect([...state.handled.values()].map(({ outcome }) => outcome)).toEqual(['refused', 'accepted']);
      }
    }
  });

  it('goes on with a run that broke off before its subtasks were done, when one of them is tried again', async () => {
    const plan = planOf(subtask('a', [], ['a.js']), subtask('b', [], ['b.js']), subtask('c', ['a', 'b'], ['c.js']));
    const retry = { type: 'change', change: { type: 'subtask.retried', subtask: '?waiting' } } as const;
    const given = { ...plain, plan, behaviours: { a: ['asks'] as const }, faults: [], nobodyCanBeAsked: true };
    for (let seed = 1; seed <= 5; seed += 1) {
      const { state } = await simulate({ ...given, seed });
      expect(state.status).toBe('failed');
      expect(state.subtasks.get('a')?.status).toBe('waiting');
      const again = await simulate({ ...given, seed, asks: [{ nth: LATE, order: retry }] });
      expect(again.state.status).toBe('completed');
    }
  });

  it('keeps apart what a subtask is to leave outside of its scope and what another may write there', async () => {
    const a = { ...subtask('a', [], ['a.js']), produces: ['docs/a.js'] };
    const plan = planOf(a, subtask('b', [], ['b.js', 'docs/**']), subtask('c', [], ['c.js']));
    for (let seed = 1; seed <= 5; seed += 1) {
      const { state, maxLive } = await simulate({ ...plain, seed, plan, concurrency: 3, faults: [] });
      expect(state.status).toBe('completed');
      expect(maxLive).toBe(2);
    }
  });
});
