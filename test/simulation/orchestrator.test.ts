import { describe, expect, it } from 'vitest';
import { planOf, subtask } from '../unit/recorded-run.ts';
import type { Case, Fault } from './case.ts';
import { caseOf } from './generate.ts';
import { simulate } from './simulate.ts';

const plain: Omit<Case, 'plan' | 'seed'> = {
  concurrency: 3,
  infrastructureRetries: 3,
  qualityIterations: 3,
  behaviours: {},
  clashes: [],
  spoils: [],
  costUsd: 0,
  maxCostUsd: 5,
  faults: [],
};
const file = (id: string, dependsOn: readonly string[] = []) => subtask(id, dependsOn, [`${id}.js`]);

describe('the whole core on simulated ports', () => {
  it('keeps its promises whatever happens in whatever order', async () => {
    const ends: Record<string, number> = {};
    let owners = 0;
    const met = new Set<string>();
    const later = { restore: 0, rerun: 0 };
    let carried = 0;
    for (let seed = 1; seed <= 120; seed += 1) {
      const simulated = await simulate(caseOf(seed));
      ends[simulated.state.status] = (ends[simulated.state.status] ?? 0) + 1;
      owners += simulated.owners;
      const faults = [...simulated.met].flatMap(([one, often]) =>
        Array<string>(often).fill(one.split(' at ')[0] ?? ''),
      );
      expect(faults.length, `faults of seed ${seed}`).toBeGreaterThanOrEqual(3);
      expect(
        faults.filter((one) => /^(crash|zombie|power-loss)$/.test(one)),
        `crashes of seed ${seed}`,
      ).not.toEqual([]);
      for (const one of faults) met.add(one);
      const { sequel } = caseOf(seed);
      if (!sequel || simulated.last.id === simulated.state.id) continue;
      later[sequel.how] += 1;
      carried += [...simulated.last.attempts.values()].filter((one) => one.carried).length;
    }
    // Otherwise the cases above prove little.
    expect(Object.keys(ends).sort()).toEqual(['cancelled', 'completed', 'failed']);
    expect(owners).toBeGreaterThan(360);
    expect(met.size).toBeGreaterThan(10);
    expect(Math.min(later.restore, later.rerun)).toBeGreaterThan(5);
    expect(carried).toBeGreaterThan(20);
  }, 240_000);

  it('makes the same case happen in the same way again', async () => {
    // The second with asks and faults in a restored run too.
    for (const given of [caseOf(33), caseOf(1_467)]) {
      const [first, again] = [await simulate(given), await simulate(given)];
      expect(again.history).toEqual(first.history);
    }
  });

  it('loses nothing to killed processes under relaxed durability, and does nothing twice', async () => {
    for (let seed = 1; seed <= 12; seed += 1) {
      const { state } = await simulate({ ...caseOf(seed), relaxed: true });
      expect(state.settings.durability).toBe('relaxed');
    }
  });

  it('works on as many subtasks at once as it may', async () => {
    const plan = planOf(...['a', 'b', 'c', 'd'].map((id) => file(id)));
    const { state, maxLive } = await simulate({ ...plain, seed: 7, plan });
    expect(state.status).toBe('completed');
    expect(maxLive).toBe(3);
  });

  it('gives a subtask that was sent back and mended, but not one that stays broken', async () => {
    const plan = planOf(file('mended'), file('broken'), file('after', ['broken']));
    const given: Case = { ...plain, seed: 3, plan, behaviours: { mended: ['mends'], broken: ['broken'] } };
    const { state } = await simulate(given);
    expect([...state.subtasks.values()].map(({ status }) => status)).toEqual(['completed', 'failed', 'blocked']);
    expect(state.attempts.get(state.subtasks.get('broken')?.attempts[0] ?? '')?.iterations).toBe(3);
    expect(state.subtasks.get('broken')?.attempts).toHaveLength(1);
  });

  it('does not try again what failed for a login, and tries again what failed for the API', async () => {
    const plan = planOf(file('locked'), file('busy'));
    const given: Case = { ...plain, seed: 3, plan, behaviours: { locked: ['no-login'], busy: ['api-fails', 'dies'] } };
    const { state } = await simulate(given);
    expect(state.subtasks.get('locked')).toMatchObject({ status: 'failed', attempts: { length: 1 } });
    expect(state.subtasks.get('busy')).toMatchObject({ status: 'completed', attempts: { length: 3 } });
  });

  it('sends back the later one of two results that conflict, are broken together, or fail the check together', async () => {
    const plan = planOf(file('a'), file('b'));
    const check = { detected: false, hopeless: false, breaks: ['a+b'], stubborn: [], flakiness: 0, trouble: 0 };
    for (const pair of [{ clashes: ['a+b'] }, { spoils: ['a+b'] }, { check }]) {
      const { state } = await simulate({ ...plain, seed: 9, plan, ...pair });
      expect(state.status).toBe('completed');
      expect([...state.subtasks.values()].map(({ attempts }) => attempts.length).sort()).toEqual([1, 2]);
      if ('clashes' in pair) continue;
      const none = await simulate({ ...plain, seed: 9, plan, ...pair, qualityIterations: 0 });
      expect([...none.state.subtasks.values()].map(({ status }) => status).sort()).toEqual(['completed', 'failed']);
    }
  });

  it('asks the person about a conflict that no worker may resolve any more, again after a crash or when nobody was there', async () => {
    const plan = planOf(file('a'), file('b'), file('c', ['a', 'b']));
    const ends = new Set<string>();
    const points = ['record conflict.opened/before', 'record conflict.opened/after', 'ask/before', 'capture/before'];
    const records = [
      'integration.returned',
      'attempt.carried',
      'attempt.validated',
      'attempt.ended',
      'integration.started',
    ];
    for (const at of [...points, ...records.map((record) => `record ${record}/after`)]) {
      for (let seed = 1; seed <= 8; seed += 1) {
        const faults: Fault[] = [{ type: 'crash', at, nth: 1 + (seed % 3), ms: 0 }];
        const given: Case = { ...plain, seed, plan, clashes: ['a+b'], qualityIterations: 0, faults };
        const { state } = await simulate(given);
        ends.add(state.status);
        const resolved = [...state.attempts.values()].some(({ carried }) => carried?.why === 'person');
        if (state.status === 'completed') expect(resolved).toBe(true);
      }
    }
    expect([...ends].sort()).toEqual(['completed', 'failed']);
  });

  it('runs the check once for results that wait together, and finds the culprit among them by halves', async () => {
    const ids = Array.from({ length: 16 }, (_, index) => `s${index}`);
    const check = { detected: false, hopeless: false, breaks: ['s5'], stubborn: ['s5'], flakiness: 0, trouble: 0 };
    const given: Case = { ...plain, seed: 4, plan: planOf(...ids.map((id) => file(id))), concurrency: 16, check };
    const { state, history } = await simulate({ ...given, qualityIterations: 0 });
    const failed = [...state.subtasks.values()].filter(({ status }) => status !== 'completed');
    expect(failed.map(({ subtask }) => subtask.id)).toEqual(['s5']);
    expect(history.filter(([, what]) => what.startsWith('run test')).length).toBeLessThan(12);
  });

  it('fails, and does not wait for ever, when a question can not be shown', async () => {
    const plan = planOf(file('a'), file('b'));
    const given: Case = { ...plain, seed: 2, plan, behaviours: { a: ['asks'] }, nobodyCanBeAsked: true };
    const { state } = await simulate(given);
    expect(state).toMatchObject({ status: 'failed', detail: 'The question could not be shown.' });
  });

  it('completes a run whose journal could not be written at some moment', async () => {
    const plan = planOf(file('a'), file('b', ['a']), file('c'));
    const records = ['attempt.launching', 'attempt.launched', 'attempt.turn-ended', 'attempt.captured'];
    for (const record of [...records, 'attempt.ended', 'integration.started', 'integration.merged', 'run.ended']) {
      for (let nth = 1; nth <= 3; nth += 1) {
        const fault: Fault = { type: 'fsync-fails', at: `record ${record}/written`, nth, ms: 0 };
        const { state } = await simulate({ ...plain, seed: nth, plan, faults: [fault] });
        expect(state.status).toBe('completed');
      }
    }
  });
});
