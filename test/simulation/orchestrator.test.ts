import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planOf, subtask } from '../unit/recorded-run.ts';
import { type Case, type Simulated, simulate } from './simulate.ts';
import type { Behaviour } from './simulated-workers.ts';

const FAILING: readonly Behaviour[] = [
  'broken',
  'api-fails',
  'no-login',
  'dies',
  'dies-after-its-turn',
  'hangs',
  'never-starts',
];
const behaviours = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom<Behaviour>('good', 'mends', 'asks') },
  { weight: 4, arbitrary: fc.constantFrom<Behaviour>(...FAILING) },
);

const cases: fc.Arbitrary<Case> = fc.integer({ min: 1, max: 12 }).chain((size) => {
  const ids = Array.from({ length: size }, (_, index) => `s${index}`);
  const pair = fc.tuple(fc.nat(size - 1), fc.nat(size - 1)).map(([a, b]) => `s${a}+s${b}`);
  const pairs = fc.array(
    pair.filter((name) => new Set(name.split('+')).size === 2 || size < 2),
    { maxLength: size > 1 ? 1 : 0 },
  );
  return fc.record({
    seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    // In any order: what depends may stand before what it depends on.
    plan: fc
      .tuple(
        fc.array(fc.uniqueArray(fc.nat(size - 1), { maxLength: 3 }), { minLength: size, maxLength: size }),
        fc.array(fc.constantFrom('own', 'own', 'own', 'shared', 'none'), { minLength: size, maxLength: size }),
        fc.shuffledSubarray(ids, { minLength: size, maxLength: size }),
      )
      .map(([edges, scopes, order]) => {
        const subtasks = ids.map((id, index) => {
          const scope = { own: [`${id}.js`], shared: ['s*.js'], none: [] }[scopes[index] as 'own'];
          return subtask(
            id,
            (edges[index] ?? []).filter((other) => other < index).map((other) => `s${other}`),
            scope,
          );
        });
        return planOf(...order.flatMap((id) => subtasks.find((one) => one.id === id) ?? []));
      }),
    concurrency: fc.integer({ min: 1, max: 4 }),
    infrastructureRetries: fc.integer({ min: 0, max: 2 }),
    behaviours: fc
      .array(fc.array(behaviours, { minLength: 1, maxLength: 3 }), { minLength: size, maxLength: size })
      .map((all) => Object.fromEntries(all.map((one, index) => [`s${index}`, one]))),
    clashes: pairs,
    spoils: pairs,
    cancelAt: fc.option(fc.nat(150), { nil: undefined, freq: 3 }),
    costUsd: fc.constantFrom(0, 0, 1),
    maxCostUsd: fc.constantFrom(3, 100),
  });
});

const plain: Omit<Case, 'plan' | 'seed'> = {
  concurrency: 3,
  infrastructureRetries: 3,
  behaviours: {},
  clashes: [],
  spoils: [],
  cancelAt: undefined,
  costUsd: 0,
  maxCostUsd: 5,
};

function checkEnd({ state, left }: Simulated, given: Case): void {
  expect(['completed', 'failed', 'cancelled']).toContain(state.status);
  expect(left).toEqual([]);
  expect(state.permissions.size).toBe(0);
  const statuses = [...state.subtasks.values()].map(({ status }) => status);
  expect(state.status === 'completed').toBe(statuses.every((status) => status === 'completed'));
  for (const { subtask: one, status, reason, attempts } of state.subtasks.values()) {
    const tried = attempts.map((id) => state.attempts.get(id));
    expect(tried.every((attempt) => attempt?.ended !== undefined)).toBe(true);
    if (status === 'completed') {
      expect(tried.at(-1)?.validated?.verdict).toBe('passed');
      expect(tried.at(-1)?.captured?.commit).toBe(state.subtasks.get(one.id)?.result);
      expect(given.behaviours[one.id]?.[attempts.length - 1] ?? 'good').not.toBe('broken');
    }
    if (status === 'failed' || status === 'blocked') expect(reason).not.toBe('');
    expect(['running', 'validating']).not.toContain(status);
    const infrastructure = tried.filter((attempt) => attempt?.ended?.outcome === 'infrastructure').length;
    expect(infrastructure).toBeLessThanOrEqual(given.infrastructureRetries + 1);
  }
}

describe('the whole core on simulated ports', () => {
  it('keeps its promises whatever happens in whatever order', async () => {
    const seen: Record<string, number> = {};
    await fc.assert(
      fc.asyncProperty(cases, async (given) => {
        const simulated = await simulate(given);
        checkEnd(simulated, given);
        seen[simulated.state.status] = (seen[simulated.state.status] ?? 0) + 1;
      }),
      { numRuns: 400 },
    );
    // Otherwise the cases above prove little.
    expect(Object.keys(seen).sort()).toEqual(['cancelled', 'completed', 'failed']);
  });

  it('works on as many subtasks at once as it may', async () => {
    const plan = planOf(...['a', 'b', 'c', 'd'].map((id) => subtask(id)));
    const { state, maxLive } = await simulate({ ...plain, seed: 7, plan });
    expect(state.status).toBe('completed');
    expect(maxLive).toBe(3);
  });

  it('gives a subtask that was sent back and mended, but not one that stays broken', async () => {
    const plan = planOf(subtask('mended'), subtask('broken'), subtask('after', ['broken']));
    const given: Case = { ...plain, seed: 3, plan, behaviours: { mended: ['mends'], broken: ['broken'] } };
    const { state } = await simulate(given);
    expect([...state.subtasks.values()].map(({ status }) => status)).toEqual(['completed', 'failed', 'blocked']);
    expect(state.attempts.get(state.subtasks.get('broken')?.attempts[0] ?? '')?.iterations).toBe(3);
    expect(state.subtasks.get('broken')?.attempts).toHaveLength(1);
  });

  it('does not try again what failed for a login, and tries again what failed for the API', async () => {
    const plan = planOf(subtask('locked'), subtask('busy'));
    const given: Case = { ...plain, seed: 3, plan, behaviours: { locked: ['no-login'], busy: ['api-fails', 'dies'] } };
    const { state } = await simulate(given);
    expect(state.subtasks.get('locked')).toMatchObject({ status: 'failed', attempts: { length: 1 } });
    expect(state.subtasks.get('busy')).toMatchObject({ status: 'completed', attempts: { length: 3 } });
  });

  it('starts nothing beyond the cap, and says so', async () => {
    const plan = planOf(subtask('a'), subtask('b', ['a']), subtask('c', ['b']));
    const { state } = await simulate({ ...plain, seed: 5, plan, costUsd: 3, maxCostUsd: 5 });
    expect([...state.subtasks.values()].map(({ status }) => status)).toEqual(['completed', 'completed', 'waiting']);
    expect(state).toMatchObject({
      status: 'failed',
      detail: expect.stringContaining('the spending cap of $5.00 is reached'),
    });
  });

  it('fails the later one of two results that conflict, or that are broken together', async () => {
    const plan = planOf(subtask('a'), subtask('b'));
    for (const pair of [{ clashes: ['a+b'] }, { spoils: ['a+b'] }]) {
      const { state } = await simulate({ ...plain, seed: 9, plan, ...pair });
      expect([...state.subtasks.values()].map(({ status }) => status).sort()).toEqual(['completed', 'failed']);
    }
  });

  it('fails, and does not wait for ever, when a question can not be shown', async () => {
    const plan = planOf(subtask('a'), subtask('b'));
    const given: Case = { ...plain, seed: 2, plan, behaviours: { a: ['asks'] }, nobodyCanBeAsked: true };
    const { state, left } = await simulate(given);
    expect(state).toMatchObject({ status: 'failed', detail: 'The question could not be shown.' });
    expect(left).toEqual([]);
  });

  it('ends its workers when the journal can not be written any more, and claims nothing further', async () => {
    const plan = planOf(subtask('a'), subtask('b', ['a']), subtask('c'));
    for (let journalFailsAfter = 3; journalFailsAfter < 25; journalFailsAfter += 1) {
      const { state, records } = await simulate({ ...plain, seed: journalFailsAfter, plan, journalFailsAfter });
      expect(state.lastSeq).toBe(records.length);
      expect(state.endedAt).toBeUndefined();
    }
  });
});
