import { describe, expect, it } from 'vitest';
import type { RunContext } from '../../../src/core/context.ts';
import { waitsForRoomAlone } from '../../../src/core/control/unfinished.ts';
import { checkTree } from '../../../src/core/integration/check-tree.ts';
import type { RunEvent } from '../../../src/core/model/events.ts';
import type { Repository } from '../../../src/core/ports/repository.ts';
import { reasonOf } from '../../../src/core/scheduling/waiting.ts';
import { journalAfter } from '../journal-in-memory.ts';
import { BASE, commitOf, ended, launching, planOf, started, subtask } from '../recorded-run.ts';

const NEVER = new AbortController().signal;
const NOW = { now: 0, freeMb: undefined };
const CHECK = { name: 'test', command: ['true'] as [string], timeoutSeconds: 60 };

const accepted = (id: string): RunEvent[] => {
  const made = { commit: commitOf('d'), tree: commitOf('d') };
  const captured: RunEvent = { type: 'attempt.captured', attempt: `${id}-1`, turn: 1, ...made, files: [] };
  return [launching(id), captured, ended(`${id}-1`, 'accepted')];
};

describe('results whose checks wait for room on the disk', () => {
  it('say so, with those behind them, until there is some', async () => {
    const begun = (id: string): RunEvent => {
      return { type: 'integration.started', subtask: id, attempt: `${id}-1`, onto: BASE };
    };
    const plan = planOf(subtask('a'), subtask('b'), subtask('c'));
    const journal = journalAfter([
      ...started(plan, { checks: [CHECK] }),
      ...[...accepted('a'), ...accepted('b'), launching('c'), begun('a')],
    ]);
    let held = 0;
    const seen: unknown[] = [];
    const repository: Partial<Repository> = {
      openWorktree: async (name, _base, _signal, onWait = () => undefined) => {
        onWait('The disk is full.');
        const { state } = journal;
        const a = state.subtasks.get('a');
        seen.push(a && reasonOf(state, a, NOW));
        seen.push(waitsForRoomAlone(state, ['a', 'b']), waitsForRoomAlone(state, ['a', 'b', 'c']));
        onWait(undefined);
        return `/worktrees/${name}`;
      },
      prepareWorktree: async () => undefined,
      closeWorktree: async () => undefined,
    };
    const context = {
      ...{ journal, repository, onHeld: () => (held += 1) },
      checks: { run: async () => ({ outcome: 'passed', exitCode: 0, durationMs: 1, output: '' }) },
    } as Partial<RunContext> as RunContext;
    const tree = { commit: commitOf('e'), tree: commitOf('f') };
    expect(await checkTree(context, tree, BASE, ['a'], NEVER)).toMatchObject({ verdict: 'passed' });
    expect(seen).toEqual([expect.stringContaining('waits for room on the disk'), true, false]);
    expect(held).toBe(1);
    expect(journal.state.subtasks.get('a')?.room).toBeUndefined();
  });
});
