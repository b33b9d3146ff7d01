import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../src/core/model/events.ts';
import type { Subtask } from '../../../src/core/model/plan.ts';
import { Scheduler } from '../../../src/core/scheduling/scheduler.ts';
import { waitingFor } from '../../../src/core/scheduling/waiting.ts';
import { completed, foldOf, launching, planOf, started, subtask } from '../recorded-run.ts';

const NOW = { now: 1_000_000, freeMb: undefined };
const pin = (id: string): RunEvent => ({ type: 'subtask.pinned', subtask: id });
const launches = (...events: readonly RunEvent[]) =>
  new Scheduler().next(foldOf(...events).state, [], NOW).launches.map(({ id }) => id);
const run = (subtasks: readonly Subtask[], ...events: readonly RunEvent[]): RunEvent[] => [
  ...started(planOf(...subtasks), { concurrency: 4 }),
  ...events,
];

describe('the files of a pinned subtask', () => {
  const parts = [subtask('a', [], ['src/a.js']), subtask('b', [], ['src/b.js']), subtask('docs', [], ['docs/**'])];

  it('are left to it while it waits for another that has some of them', () => {
    const whole = subtask('whole', [], ['src/**']);
    expect(launches(...run([...parts, whole], launching('a')))).toEqual(['b', 'docs']);
    const pinned = run([...parts, whole], launching('a'), pin('whole'));
    expect(launches(...pinned)).toEqual(['docs']);
    expect(waitingFor(foldOf(...pinned).state, 'b', NOW)).toEqual({
      waitsFor: 'scope',
      reason: 'its files are kept free for "whole", which is pinned',
    });
    expect(launches(...run([...parts, whole], ...completed('a'), pin('whole')))).toEqual(['whole', 'docs']);
  });

  it('are left to it also while the worktree of that other one is made ready', () => {
    const whole = subtask('whole', [], ['src/**']);
    const budget = { usd: 0.1, tokens: 100, ms: 60_000 };
    const preparing: RunEvent = { type: 'subtask.preparing', subtask: 'a', budget };
    const { state } = foldOf(...run([...parts, whole], preparing, pin('whole')));
    expect(new Scheduler().next(state, ['a'], NOW).launches.map(({ id }) => id)).toEqual(['docs']);
  });

  it('are also those that it produces outside of its scope', () => {
    const whole = { ...subtask('whole', [], ['src/a.js']), produces: ['docs/index.md'] };
    expect(launches(...run([...parts, whole], launching('a')))).toEqual(['b', 'docs']);
    expect(launches(...run([...parts, whole], launching('a'), pin('whole')))).toEqual(['b']);
    const maker = { ...subtask('maker', [], ['maker.js']), produces: ['src/a.js'] };
    expect(launches(...run([...parts, maker, subtask('all', [], ['src/**'])], launching('a'), pin('all')))).toEqual([
      'docs',
    ]);
  });

  it('are left to it as soon as all that it depends on is in work, and not before', () => {
    const whole = subtask('whole', ['first'], ['src/**']);
    const all = [...parts, subtask('first', [], ['first.js']), whole];
    expect(launches(...run(all, launching('first'), pin('whole')))).toEqual(['docs']);
    expect(launches(...run(all, pin('whole')))).toEqual(['first', 'a', 'b', 'docs']);
  });

  it('are free while it is paused, and for what it waits for itself', () => {
    const whole = subtask('whole', ['b'], ['src/**']);
    const paused: RunEvent = { type: 'subtask.paused', subtask: 'whole' };
    const free = [subtask('a', [], ['src/a.js']), subtask('b', [], ['src/b.js'])];
    expect(launches(...run([...free, whole], pin('whole')))).toEqual(['b', 'a']);
    expect(launches(...run([...free, whole], launching('b'), pin('whole')))).toEqual([]);
    expect(launches(...run([...free, whole], launching('b'), pin('whole'), paused))).toEqual(['a']);
  });

  it('never keep a run from its end', () => {
    const scope = fc.constantFrom(['src/**'], ['src/a.js'], ['src/b.js'], ['docs/**'], []);
    const plans = fc.array(fc.record({ scope, after: fc.array(fc.nat(7), { maxLength: 2 }), pinned: fc.boolean() }), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(plans, fc.array(fc.nat(7), { maxLength: 30 }), (nodes, order) => {
        const subtasks = nodes.map(({ scope: own, after }, index) =>
          subtask(
            `s${index}`,
            [...new Set(after.filter((one) => one < index))].map((one) => `s${one}`),
            own,
          ),
        );
        const pins = nodes.flatMap(({ pinned }, index) => (pinned ? [pin(`s${index}`)] : []));
        const scheduler = new Scheduler();
        let events = run(subtasks, ...pins);
        const working: string[] = [];
        for (let step = 0; ; step += 1) {
          const { launches: begun } = scheduler.next(foldOf(...events).state, working, NOW);
          for (const { id } of begun) {
            working.push(id);
            events = [...events, launching(id)];
          }
          const [id] = working.splice((order[step] ?? 0) % Math.max(working.length, 1), 1);
          if (id === undefined) break;
          events = [...events, ...completed(id).slice(1)];
          scheduler.leave(foldOf(...events).state, id);
        }
        const { subtasks: states } = foldOf(...events).state;
        expect([...states.values()].map(({ status }) => status)).toEqual(nodes.map(() => 'completed'));
      }),
      { numRuns: 200 },
    );
  });
});
