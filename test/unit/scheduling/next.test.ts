import { describe, expect, it } from 'vitest';
import type { EventOf, RunEvent } from '../../../src/core/model/events.ts';
import type { RunState } from '../../../src/core/model/run.ts';
import { type Launch, Scheduler } from '../../../src/core/scheduling/scheduler.ts';
import { waitingFor } from '../../../src/core/scheduling/waiting.ts';
import { completed, ended, foldOf, launching, planOf, started, subtask, turnEnded } from '../recorded-run.ts';

const diamond = planOf(
  subtask('join', ['left', 'right']),
  subtask('left', ['root']),
  subtask('right', ['root']),
  subtask('root'),
);
const state = (...events: readonly RunEvent[]) => foldOf(...events).state;

const nextToStart = (run: RunState, held: readonly string[] = []): readonly Launch[] =>
  new Scheduler().next(run, held, NOW).launches;
const NOW = { now: 1_000_000, freeMb: undefined };
const waitingReason = (run: RunState, id: string): string | undefined => waitingFor(run, id, NOW)?.reason;
const idsToStart = (run: RunState, held?: readonly string[]): string[] => nextToStart(run, held).map(({ id }) => id);

describe('the scheduler of a run', () => {
  it('starts what depends on nothing, forks when that is merged, joins when both are', () => {
    expect(idsToStart(state(...started(diamond)))).toEqual(['root']);
    expect(idsToStart(state(...started(diamond), ...completed('root')))).toEqual(['left', 'right']);
    const half = state(...started(diamond), ...completed('root'), ...completed('left'), launching('right'));
    expect(idsToStart(half)).toEqual([]);
    expect(waitingReason(half, 'join')).toBe('waits for "right"');
    const both = [...completed('root'), ...completed('left'), ...completed('right')];
    expect(idsToStart(state(...started(diamond), ...both))).toEqual(['join']);
  });

  it('does not take an accepted result for a merged one', () => {
    const merging = completed('root').slice(0, -1);
    expect(idsToStart(state(...started(diamond), ...merging))).toEqual([]);
  });

  it('starts nothing while the run is paused, and says so', () => {
    const paused = state(...started(diamond), { type: 'run.paused' });
    expect(nextToStart(paused)).toEqual([]);
    expect(waitingReason(paused, 'root')).toBe('the run is paused');
    expect(nextToStart(state(...started(diamond), { type: 'run.paused' }, { type: 'run.resumed' }))).toHaveLength(1);
  });

  it('starts nothing before approval, after a cancel and after the end', () => {
    expect(idsToStart(state(...started(diamond).slice(0, 2)))).toEqual([]);
    expect(idsToStart(state(...started(diamond), { type: 'run.cancelling' }))).toEqual([]);
    expect(idsToStart(state(...started(diamond), { type: 'run.ended', outcome: 'failed', detail: '' }))).toEqual([]);
  });

  it('keeps overlapping scopes apart, and a subtask without a scope from all others', () => {
    const plan = planOf(
      subtask('a', [], ['src/**']),
      subtask('b', [], ['src/b.js']),
      subtask('c'),
      subtask('d', [], []),
    );
    expect(idsToStart(state(...started(plan)))).toEqual(['a', 'c']);
    const one = state(...started(plan), launching('a'), launching('c'));
    expect(waitingReason(one, 'b')).toBe('may change the same files as "a"');
    expect(waitingReason(one, 'd')).toBe('may change the same files as "a"');
    expect(idsToStart(state(...started(plan), ...completed('a'), ...completed('b'), ...completed('c')))).toEqual(['d']);
  });

  it('keeps apart what a subtask produces outside of its scope and who may write that', () => {
    const api = { ...subtask('api', [], ['src/api/**']), produces: ['src/api/a.js', 'docs/index.md'] };
    const plan = planOf(api, subtask('docs', [], ['docs/**']), subtask('other', [], ['docs/other/**']));
    expect(idsToStart(state(...started(plan)))).toEqual(['api', 'other']);
    expect(waitingReason(state(...started(plan), launching('api')), 'docs')).toBe('may change the same files as "api"');
    expect(waitingReason(state(...started(plan), launching('docs')), 'api')).toBe(
      'may change the same files as "docs"',
    );
  });

  it('keeps the files of a result that is still being merged', () => {
    const plan = planOf(subtask('a', [], ['src/**']), subtask('b', [], ['src/b.js']));
    const merging = state(...started(plan), ...completed('a').slice(0, -1));
    expect(waitingReason(merging, 'b')).toBe('may change the same files as "a"');
  });

  it('has no more workers than the setting says, and does not count merging as work', () => {
    const plan = planOf(...['a', 'b', 'c', 'd'].map((id) => subtask(id)));
    expect(idsToStart(state(...started(plan, { concurrency: 2 })))).toEqual(['a', 'b']);
    const busy = state(...started(plan, { concurrency: 2 }), launching('a'), launching('b'));
    expect(waitingReason(busy, 'c')).toBe('all 2 workers are busy');
    const merging = [...completed('a').slice(0, -1), launching('b')];
    expect(idsToStart(state(...started(plan, { concurrency: 2 }), ...merging))).toEqual(['c']);
  });

  it('counts what it has started before the journal has a word of it, until its caller gives it up', () => {
    const plan = planOf(...['a', 'b', 'c'].map((id) => subtask(id)));
    const run = state(...started(plan, { concurrency: 2 }));
    const scheduler = new Scheduler();
    expect(scheduler.next(run, [], NOW).launches.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(scheduler.next(run, ['a', 'b'], NOW).launches).toEqual([]);
    scheduler.leave(run, 'a');
    expect(scheduler.next(run, ['b'], NOW).launches.map(({ id }) => id)).toEqual(['a']);
  });

  it('keeps the files of what the caller goes on with', () => {
    const plan = planOf(...['a', 'b', 'c'].map((id) => subtask(id)), subtask('d', [], ['c/x']));
    expect(idsToStart(state(...started(plan, { concurrency: 4 })), ['c'])).toEqual(['a', 'b']);
  });

  it('sees what its launches have led to as the journal grows', () => {
    const scheduler = new Scheduler();
    const events = started(diamond);
    const next = (held: readonly string[], ...more: RunEvent[]) => {
      events.push(...more);
      return scheduler.next(state(...events), held, NOW).launches.map(({ id }) => id);
    };
    expect(next([])).toEqual(['root']);
    expect(next(['root'], ...completed('root'))).toEqual([]);
    scheduler.leave(state(...events), 'root');
    expect(next([])).toEqual(['left', 'right']);
    expect(next(['left', 'right'], ...completed('left'))).toEqual([]);
    scheduler.leave(state(...events), 'left');
    expect(next(['right'], launching('right'), ended('right-1', 'infrastructure'))).toEqual([]);
    scheduler.leave(state(...events), 'right');
    expect(next([])).toEqual(['right']);
  });

  it('starts the longest chain first, then what more wait for, then what the person wants first', () => {
    const timed = (id: string, seconds: number, dependsOn: string[] = [], priority?: number) => ({
      ...subtask(id, dependsOn),
      estimate: { seconds },
      ...(priority === undefined ? {} : { priority }),
    });
    const plan = planOf(
      ...[timed('plain', 60), timed('wanted', 60, [], 8), timed('forks', 40), timed('long', 50)],
      ...[timed('x', 20, ['forks']), timed('y', 20, ['forks']), timed('end', 90, ['long'])],
    );
    expect(idsToStart(state(...started(plan, { concurrency: 4 })))).toEqual(['long', 'forks', 'wanted', 'plain']);
  });

  it('takes a short time for each launch of a large plan', () => {
    const ids = Array.from({ length: 10_000 }, (_, index) => `n${index}`);
    const run = state(...started(planOf(...ids.map((id) => subtask(id))), { concurrency: 64 }));
    const scheduler = new Scheduler();
    const order: string[] = [];
    for (
      let launches = scheduler.next(run, [], NOW).launches;
      order.length < ids.length;
      launches = scheduler.next(run, [], NOW).launches
    ) {
      for (const { id } of launches) order.push(id);
      // As if each had failed at once, so that nothing of it is ready again.
      (run as { ready: ReadonlySet<string> }).ready = new Set();
      for (const { id } of launches) scheduler.leave(run, id);
    }
    expect(order).toEqual(ids);
  });

  it('starts nothing beyond the spending cap and says so', () => {
    const plan = planOf(subtask('a'), subtask('b'));
    const run = state(
      ...started(plan, { maxCostUsd: 2 }),
      launching('a'),
      turnEnded('a-1', 1, [0, 10], 2),
      ended('a-1', 'infrastructure'),
    );
    expect(idsToStart(run)).toEqual([]);
    expect(waitingReason(run, 'b')).toBe('the spending cap of $2.00 is reached');
    expect(waitingReason(run, 'a')).toBe('the spending cap of $2.00 is reached');
  });

  it('reserves a share for each launch, so that what is spent and reserved stays within the cap', () => {
    const plan = planOf(...['a', 'b', 'c', 'd'].map((id) => subtask(id, [], [id])));
    const run = state(...started(plan, { maxCostUsd: 6, concurrency: 3, maxTokens: 900 }));
    const share = { usd: 2, tokens: 300, ms: 3_600_000 };
    expect(nextToStart(run)).toEqual(['a', 'b', 'c'].map((id) => ({ id, budget: share })));
    const scheduler = new Scheduler();
    expect(scheduler.next(run, [], NOW).launches).toHaveLength(3);
    expect(scheduler.next(run, ['a', 'b', 'c'], NOW).launches).toEqual([]);
    scheduler.leave(run, 'c');
    expect(scheduler.next(run, ['a', 'b'], NOW).launches).toEqual([{ id: 'c', budget: share }]);
    const spent = state(
      ...started(plan, { maxCostUsd: 6, concurrency: 3, maxTokens: 900 }),
      { ...launching('a'), budgetUsd: 2 } as RunEvent,
      turnEnded('a-1', 1, [0, 10], 3.5),
      { ...launching('b'), budgetUsd: 2 } as RunEvent,
    );
    // 3.50 spent (1.50 beyond its budget) and 2.00 reserved: 0.50 are left, and that is a quarter of a share.
    expect(spent.committedUsd).toBe(5.5);
    expect(nextToStart(spent)).toEqual([{ id: 'c', budget: { ...share, usd: 0.5 } }]);
    expect(
      waitingReason(
        state(...started(plan, { maxCostUsd: 6, concurrency: 3 }), { ...launching('a'), budgetUsd: 6 } as RunEvent),
        'b',
      ),
    ).toBe('waits for money that running workers have reserved');
  });

  it('gives back what an attempt did not use', () => {
    const plan = planOf(subtask('a', [], ['a']), subtask('b', [], ['b']));
    const run = state(
      ...started(plan, { maxCostUsd: 4 }),
      { ...launching('a'), budgetUsd: 2 } as RunEvent,
      turnEnded('a-1', 1, [0, 10], 0.5),
      ended('a-1', 'rejected'),
    );
    expect(run.committedUsd).toBe(0.5);
  });

  it('gives no reason for what has started or is not there', () => {
    const run = state(...started(diamond), launching('root'));
    expect(waitingReason(run, 'root')).toBeUndefined();
    expect(waitingReason(run, 'ghost')).toBeUndefined();
    expect(waitingReason(state(...started(diamond)), 'root')).toBeUndefined();
  });

  it('needs no worker for what was launched again and came to wait for a person instead', () => {
    const plan = planOf(subtask('a'), subtask('b'));
    const returned: EventOf<'integration.returned'> = {
      type: 'integration.returned',
      ...{ subtask: 'a', attempt: 'a-1', why: 'conflict', reason: 'It conflicts.', paths: ['a.js'] },
      ...{ onto: 'b'.repeat(40), merged: 'c'.repeat(40), message: 'Mend it.' },
    };
    const merging = [...started(plan, { concurrency: 1 }), ...completed('a').slice(0, -1)];
    const again = state(...merging, returned);
    const scheduler = new Scheduler();
    expect(scheduler.next(again, [], NOW).launches.map(({ id }) => id)).toEqual(['a']);
    expect(scheduler.next(again, ['a'], NOW).launches).toEqual([]);
    const asks = state(...merging, returned, { ...returned, asks: true });
    expect(scheduler.next(asks, ['a'], NOW).launches.map(({ id }) => id)).toEqual(['b']);
  });
});
