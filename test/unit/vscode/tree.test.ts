import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../src/core/model/events.ts';
import type { TreeNode } from '../../../src/vscode/tree/node.ts';
import { runNode } from '../../../src/vscode/tree/run-node.ts';
import { known, launching, plan, runOf, validated } from './run-state.ts';

const approved = { type: 'plan.approved', by: 'person' } as const;
const NOW = 20_000;

/** The tree as text, one line a node. */
function drawn(node: TreeNode, depth = 0): string[] {
  const own = `${'  '.repeat(depth)}${node.icon.name} ${node.label} | ${node.description}`;
  return [own, ...node.children.flatMap((child) => drawn(child, depth + 1))];
}

describe('a run in the Runs view', () => {
  const two = plan({ id: 'a', title: 'First', scope: ['a.js'] }, { id: 'b', title: 'Second', dependsOn: ['a'] });

  it('shows what runs, what waits and why', () => {
    const state = runOf(two, approved, launching('a-1', 'a'));
    expect(drawn(runNode(known(state, 'here', 'a-1'), [], NOW, true))).toEqual([
      'loading~spin P | running · 0/2 · 10 s',
      '  loading~spin First | running · 16 s',
      '    loading~spin Attempt 1 | running · 16 s',
      '  circle-outline Second | waiting · waits for "a"',
    ]);
  });

  it('shows the checkpoints that can be gone back to', () => {
    const turn = validated('a-1', 1, 'failed');
    const state = runOf(two, approved, launching('a-1', 'a'), ...turn);
    const [checkpoints] = runNode(known(state, 'here', 'a-1'), [], NOW, true).children.slice(-1);
    expect(checkpoints && drawn(checkpoints)).toEqual([
      'milestone Checkpoints | 2 checkpoints',
      '  milestone First | active · 0 % merged',
      '    error Turn 1 | failed · 0 % merged',
    ]);
    const step = checkpoints?.children[0]?.children[0];
    expect(step).toMatchObject({ run: 'r1', checkpoint: 'a-1/1', flags: ['checkpoint'] });
  });

  it('says that a run is paused, and why its subtasks wait', () => {
    const state = runOf(two, approved, { type: 'run.paused' });
    expect(drawn(runNode(known(state, 'here'), [], NOW, true)).slice(0, 2)).toEqual([
      'debug-pause P | paused · 0/2 · 10 s',
      '  circle-outline First | waiting · the run is paused',
    ]);
  });

  it('offers for each subtask what can be done with it now', () => {
    const ended = { type: 'attempt.ended', attempt: 'a-1', exitCode: 1, outcome: 'rejected', detail: '' } as const;
    const failed = { type: 'subtask.failed', subtask: 'a', reason: 'Broken.' } as const;
    const flags = (...events: readonly RunEvent[]) =>
      runNode(known(runOf(two, approved, ...events), 'here'), [], NOW, true).children.map((node) =>
        node.flags.join(' '),
      );
    expect(flags()).toEqual([
      'subtask changeable skippable pausable pinnable',
      'subtask changeable skippable pausable pinnable',
    ]);
    expect(flags(launching('a-1', 'a'))[0]).toBe('subtask attempt skippable pausable');
    expect(flags(launching('a-1', 'a'), ended, failed)[0]).toContain('changeable skippable retryable');
    expect(flags({ type: 'subtask.paused', subtask: 'a' })[0]).toContain('unpausable');
    expect(flags({ type: 'subtask.skipped', subtask: 'a' })[0]).toBe('subtask retryable');
    const over = { type: 'run.ended', outcome: 'failed', detail: 'git failed.' } as const;
    expect(flags(over)).toEqual(Array(2).fill('subtask changeable skippable retryable'));
    const pinned = runNode(
      known(runOf(two, approved, { type: 'subtask.pinned', subtask: 'b' }), 'here'),
      [],
      NOW,
      true,
    );
    expect(pinned.children[1]).toMatchObject({ description: 'pinned · waits for "a"' });
  });

  it('calls a run without an owner interrupted, but a worker that lives running', () => {
    const state = runOf(two, approved, launching('a-1', 'a'));
    expect(drawn(runNode(known(state, 'nobody'), [], NOW, true)).slice(0, 3)).toEqual([
      'debug-disconnect P | interrupted · 0/2',
      '  debug-disconnect First | interrupted',
      '    debug-disconnect Attempt 1 | interrupted',
    ]);
    const alive = drawn(runNode(known(state, 'nobody', 'a-1'), [], NOW, true)).join('\n');
    expect(alive).toContain('Attempt 1 | still running, followed by nobody');
  });

  it('puts a question for the person first, with what can be done about it', () => {
    const state = runOf(two);
    const question = {
      run: 'r1',
      attempt: 'a-1',
      subtask: 'a',
      request: 'q',
      tool: 'Bash',
      input: {},
      summary: 'Bash: rm x',
    };
    const node = runNode(known(state, 'here'), [{ kind: 'permission', id: 'q', question }], NOW, true);
    expect(node.children[0]).toMatchObject({
      label: 'Allow Bash: rm x?',
      request: 'q',
      flags: ['permission-question'],
    });
  });

  it('offers to apply only what has ended, is merged and is not applied', () => {
    const flags = (...events: readonly RunEvent[]) => runNode(known(runOf(...events), undefined), [], NOW, true).flags;
    const merged: readonly RunEvent[] = [
      plan({ id: 'a' }),
      approved,
      launching('a-1', 'a'),
      ...validated('a-1', 1, 'passed'),
      { type: 'attempt.ended', attempt: 'a-1', exitCode: 0, outcome: 'accepted', detail: '' },
      {
        type: 'integration.merged',
        subtask: 'a',
        attempt: 'a-1',
        commit: 'b'.repeat(40),
        tree: 'b'.repeat(40),
        evidence: [],
      },
    ];
    const ended: RunEvent = { type: 'run.ended', outcome: 'completed', detail: '' };
    const applied: RunEvent = { type: 'apply.done', branch: 'main', commit: 'c'.repeat(40), files: [] };
    expect(flags(...merged, ended)).toContain('applicable');
    expect(flags(...merged, ended, applied)).not.toContain('applicable');
    expect(flags(...merged)).not.toContain('applicable');
    expect(flags(plan({ id: 'a' }), ended)).not.toContain('applicable');
  });

  it('says of a run what was cut off of applying it, and where its result is', () => {
    const commit = 'c'.repeat(40);
    const begun: RunEvent = { type: 'apply.started', branch: 'main', from: 'b'.repeat(40), to: commit };
    const done: RunEvent = { type: 'apply.done', branch: 'main', commit, files: [] };
    const shown = (...events: readonly RunEvent[]) =>
      runNode(known(runOf(two, approved, ...events), undefined), [], NOW, true).description;
    expect(shown(begun)).toContain('applying was cut off: undo it');
    expect(shown(begun, done)).toContain('applied to main');
    expect(shown(begun, done, { type: 'apply.undoing' })).toContain('undoing was cut off: undo it again');
  });
});
