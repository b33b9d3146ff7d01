import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../src/core/model/events.ts';
import { NewsWatch } from '../../../src/vscode/news.ts';
import { plan, runOf } from './run-state.ts';

const approved: RunEvent = { type: 'plan.approved', by: 'person' };
const ended = (outcome: 'completed' | 'cancelled'): RunEvent => ({ type: 'run.ended', outcome, detail: '' });
const question = {
  run: 'r1',
  attempt: 'a-1',
  subtask: 'a',
  request: 'q',
  tool: 'Bash',
  input: {},
  summary: 'Bash: cat secret',
};

describe('news for a person who looks elsewhere', () => {
  it('is a question, once and without its contents', () => {
    const watch = new NewsWatch();
    const open = [{ kind: 'permission', id: 'q', question } as const];
    expect(watch.look([], open)).toEqual([
      { title: 'Claude Orchestrator needs you', body: '"a" asks for permission.' },
    ]);
    expect(watch.look([], open)).toEqual([]);
  });

  it('is the end of a run that was seen running, once', () => {
    const watch = new NewsWatch();
    const events = [plan({ id: 'a' }), approved];
    expect(watch.look([runOf(...events)], [])).toEqual([]);
    const over = [runOf(...events, ended('completed'))];
    expect(watch.look(over, [])).toEqual([{ title: 'Claude Orchestrator: completed', body: 'P' }]);
    expect(watch.look(over, [])).toEqual([]);
  });

  it('is not the end of a run that they cancelled, nor of one that had ended before', () => {
    const watch = new NewsWatch();
    expect(watch.look([runOf(plan({ id: 'a' }), ended('completed'))], [])).toEqual([]);
    const other = new NewsWatch();
    other.look([runOf(plan({ id: 'a' }))], []);
    expect(other.look([runOf(plan({ id: 'a' }), ended('cancelled'))], [])).toEqual([]);
  });
});
