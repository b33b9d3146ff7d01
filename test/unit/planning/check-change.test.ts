import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../src/core/model/events.ts';
import type { GraphChange } from '../../../src/core/model/graph-change.ts';
import { subtaskEditSchema } from '../../../src/core/model/graph-change.ts';
import { subtaskSchema } from '../../../src/core/model/plan.ts';
import { checkChange, reopens } from '../../../src/core/planning/check-change.ts';
import { completed, created, ended, foldOf, launching, planOf, started, subtask } from '../recorded-run.ts';

const chain = planOf(subtask('a'), subtask('b', ['a']), subtask('c', ['b']));
const run = (...events: readonly RunEvent[]) => foldOf(...started(chain), ...events).state;
const refusal = (change: GraphChange, ...events: readonly RunEvent[]) => {
  const checked = checkChange(run(...events), change);
  return checked.ok ? undefined : checked.error;
};
const failed: RunEvent[] = [
  launching('a'),
  ended('a-1', 'rejected'),
  { type: 'subtask.failed', subtask: 'a', reason: 'Broken.' },
];
const over: RunEvent = { type: 'run.ended', outcome: 'failed', detail: '' };

describe('a change of a running graph', () => {
  it('can replace every field of a subtask but its id', () => {
    expect(Object.keys(subtaskEditSchema.shape).sort()).toEqual(
      Object.keys(subtaskSchema.shape)
        .filter((field) => field !== 'id')
        .sort(),
    );
    expect(subtaskEditSchema.parse({})).toEqual({});
  });

  it('is refused where it would close a circle, name what is not there, or leave the repository', () => {
    const edit = (set: object) => refusal({ type: 'subtask.edited', subtask: 'a', set });
    expect(edit({ dependsOn: ['c'] })).toContain('in a circle');
    expect(edit({ dependsOn: ['nobody'] })).toContain('there is no subtask "nobody"');
    expect(edit({ scope: ['../x'] })).toContain('leaves the repository');
    expect(edit({})).toBe('Say what is to be changed.');
    expect(refusal({ type: 'subtask.added', definition: subtask('A') })).toContain('the id is used twice');
    expect(refusal({ type: 'subtask.skipped', subtask: 'nobody' })).toBe('There is no subtask "nobody".');
  });

  it('never touches work that has started', () => {
    const changes: GraphChange[] = [
      { type: 'subtask.edited', subtask: 'a', set: { title: 'Other' } },
      { type: 'subtask.split', subtask: 'a', into: [subtask('a1'), subtask('a2')] },
    ];
    for (const change of changes) {
      expect(refusal(change, launching('a'))).toContain('Pause it and end its worker first');
      expect(refusal(change, ...completed('a').slice(0, -1))).toContain('is being merged');
      expect(refusal(change, ...completed('a'))).toContain('is merged already');
      expect(refusal(change)).toBeUndefined();
    }
    expect(refusal({ type: 'subtask.skipped', subtask: 'a' }, launching('a'))).toContain('has a worker');
    expect(refusal({ type: 'subtask.skipped', subtask: 'a', endWorker: true }, launching('a'))).toBeUndefined();
  });

  it('does not remove what others rest on, nor the last subtask', () => {
    expect(refusal({ type: 'subtask.removed', subtask: 'a' })).toBe(
      '"b" depend on "a". Edit what they depend on first, or skip "a".',
    );
    expect(refusal({ type: 'subtask.removed', subtask: 'c' })).toBeUndefined();
    const { state } = foldOf(...started(planOf(subtask('only'))));
    expect(checkChange(state, { type: 'subtask.removed', subtask: 'only' })).toMatchObject({ ok: false });
  });

  it('retries what failed or is blocked, and nothing that goes on', () => {
    const retry = (id: string, ...events: RunEvent[]) => refusal({ type: 'subtask.retried', subtask: id }, ...events);
    expect(retry('a', ...failed)).toBeUndefined();
    expect(retry('c', ...failed)).toBeUndefined();
    expect(retry('a')).toContain('waits to be started already');
    expect(retry('a', launching('a'))).toContain('has a worker');
    const skipped: RunEvent = { type: 'subtask.skipped', subtask: 'a' };
    expect(retry('a', skipped, launching('b'))).toBeUndefined();
    expect(refusal({ type: 'subtask.added', definition: subtask('d', ['a']) }, skipped)).toContain('"a" is skipped');
    const skipping: RunEvent[] = [launching('a'), skipped];
    expect(refusal({ type: 'subtask.added', definition: subtask('d', ['a']) }, ...skipping)).toContain('being skipped');
  });

  it('lets a run that has ended go on when there is something to do again', () => {
    const retried: GraphChange = { type: 'subtask.retried', subtask: 'a' };
    const state = run(...failed, over);
    expect(checkChange(state, retried).ok).toBe(true);
    expect(reopens(state, retried)).toBe(true);
    expect(reopens(state, { type: 'subtask.edited', subtask: 'a', set: { title: 'x' } })).toBe(false);
    expect(refusal({ type: 'subtask.paused', subtask: 'a' }, ...failed, over)).toContain('The run has ended');
    const rejected = foldOf(created(), { type: 'plan.proposed', by: 'file', plan: chain }, over).state;
    expect(checkChange(rejected, retried)).toMatchObject({ ok: false });
  });

  it('lets a run that broke off go on with what it had not done', () => {
    const retry = (id: string): GraphChange => ({ type: 'subtask.retried', subtask: id });
    for (const left of [[], [launching('a')], completed('a').slice(0, -1)]) {
      expect(refusal(retry('a'), ...left)).toBeDefined();
      const state = run(...left, over);
      expect(checkChange(state, retry('a'))).toEqual({ ok: true, value: retry('a') });
      expect(checkChange(state, retry('c'))).toEqual({ ok: true, value: retry('c') });
      expect(reopens(state, retry('a'))).toBe(true);
    }
    expect(refusal(retry('a'), ...completed('a'), over)).toContain('is merged already');
  });

  it('is nothing where it is so already', () => {
    const paused: RunEvent = { type: 'subtask.paused', subtask: 'a' };
    expect(checkChange(run(paused), { type: 'subtask.paused', subtask: 'a' })).toEqual({ ok: true, value: undefined });
    expect(checkChange(run(), { type: 'subtask.unpaused', subtask: 'a' })).toEqual({ ok: true, value: undefined });
  });
});
