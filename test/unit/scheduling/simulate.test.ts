import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scopesOverlap } from '../../../src/core/model/scope.ts';
import { conflictsOf } from '../../../src/core/scheduling/conflicts.ts';
import { simulate } from '../../../src/core/scheduling/simulate.ts';
import { readSimulationPlan } from '../../../src/core/scheduling/simulation-plan.ts';

const plan = (...subtasks: unknown[]) => ({ version: 1, title: 'A plan', subtasks });

function nodesOf(value: unknown) {
  const read = readSimulationPlan(value);
  if (!read.ok) throw new Error(read.error.join('\n'));
  return read.value;
}

describe('a simulation', () => {
  it('says how long a plan takes, and why not less', () => {
    const nodes = nodesOf(
      plan(
        { id: 'a', title: 'A', dependsOn: [], estimate: { seconds: 10 } },
        { id: 'b', title: 'B', dependsOn: ['a'], estimate: { seconds: 20 } },
        { id: 'c', title: 'C', dependsOn: ['a'], estimate: { seconds: 5 } },
      ),
    );
    expect(simulate(nodes, 2)).toEqual({
      makespan: 30,
      lowerBound: 30,
      criticalPath: ['a', 'b'],
      schedule: [
        { id: 'a', worker: 1, start: 0, end: 10 },
        { id: 'b', worker: 1, start: 10, end: 30 },
        { id: 'c', worker: 2, start: 10, end: 15 },
      ],
    });
    expect(simulate(nodes, 1)).toMatchObject({ makespan: 35, lowerBound: 35 });
  });

  it('takes a subtask without an estimate for 300 seconds, and one without a scope for independent', () => {
    const nodes = nodesOf(plan({ id: 'a', title: 'A' }, { id: 'b', title: 'B' }));
    expect(simulate(nodes, 2)).toMatchObject({ makespan: 300, lowerBound: 300 });
  });

  it('runs overlapping scopes one after the other, and an empty scope alone', () => {
    const overlapping = nodesOf(plan({ id: 'a', scope: ['src/**'] }, { id: 'b', scope: ['src/b.ts'] }));
    expect(simulate(overlapping, 2).makespan).toBe(600);
    const empty = nodesOf(plan({ id: 'a', scope: [] }, { id: 'b', scope: ['docs/**'] }));
    expect(simulate(empty, 2).makespan).toBe(600);
    const produced = { id: 'a', scope: ['src/**'], produces: ['docs/a.md'] };
    expect(simulate(nodesOf(plan(produced, { id: 'b', scope: ['docs/**'] })), 2).makespan).toBe(600);
  });

  it('takes a plan for a run, and subtasks that take no time', () => {
    const subtask = { id: 'a', title: 'A', instructions: 'Do it.', dependsOn: [], scope: ['a.ts'], produces: ['a.ts'] };
    expect(simulate(nodesOf(plan({ ...subtask, estimate: { seconds: 0 } })), 4)).toMatchObject({
      makespan: 0,
      lowerBound: 0,
      schedule: [{ id: 'a', worker: 1, start: 0, end: 0 }],
    });
  });

  it('handles thousands of subtasks', () => {
    const subtasks = Array.from({ length: 5000 }, (_, index) => {
      const dependsOn = index < 10 ? [] : [`n${index - 10}`, `n${Math.floor(index / 2)}`];
      return { id: `n${index}`, title: 'N', dependsOn, estimate: { seconds: 1 + (index % 7) } };
    });
    const { makespan, lowerBound, schedule } = simulate(nodesOf(plan(...subtasks)), 8);
    expect(schedule).toHaveLength(5000);
    expect(makespan / lowerBound).toBeLessThan(1.01);
  });
});

describe('conflicts', () => {
  it('are those of the scopes, however they are written', () => {
    const part = fc.constantFrom(
      'src',
      'SRC',
      'src2',
      'a',
      'a.ts',
      '*',
      '**',
      '?',
      '*.ts',
      's*',
      '{a,b}',
      '.',
      '',
      'é',
      '!a',
    );
    const scope = fc.array(
      fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
      { maxLength: 2 },
    );
    fc.assert(
      fc.property(scope, scope, (a, b) => {
        expect(conflictsOf([a, undefined, b])).toEqual(scopesOverlap(a, b) ? [[2], [], [0]] : [[], [], []]);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a plan for simulation', () => {
  it.each([
    ['is no object', [], /the plan: /],
    ['has no subtasks', plan(), /subtasks: /],
    ['has another version', { version: 2, title: 'A', subtasks: [{ id: 'a' }] }, /version: /],
    ['has a negative estimate', plan({ id: 'a', estimate: { seconds: -1 } }), /subtask "a", estimate\.seconds: /],
    ['has a text for seconds', plan({ id: 'a', estimate: { seconds: '5' } }), /subtask "a", estimate\.seconds: /],
    ['has endless seconds', plan({ id: 'a', estimate: { seconds: 1e300 } }), /subtask "a", estimate\.seconds: /],
    ['has an id twice', plan({ id: 'a' }, { id: 'a' }), /subtask "a": the id is used twice/],
    ['names what is not there', plan({ id: 'a', dependsOn: ['x'] }), /subtask "a", dependsOn: there is no subtask "x"/],
    ['misspells a field', plan({ id: 'a', dependson: [] }), /subtask "a": .*dependson/],
    ['has a subtask without an id', plan({ title: 'A' }), /subtasks\[0\], id: /],
  ])('that %s is refused with its place', (_, value, message) => {
    const read = readSimulationPlan(value);
    expect(read.ok ? '' : read.error.join('\n')).toMatch(message);
  });
});
