import { describe, expect, it } from 'vitest';
import { continuation } from '../../../src/core/attempt/continuation.ts';
import type { RunContext } from '../../../src/core/context.ts';
import type { ArchivedSession } from '../../../src/core/model/checkpoint.ts';
import type { RunEvent } from '../../../src/core/model/events.ts';
import {
  BASE,
  captured,
  commitOf,
  ended,
  foldOf,
  launching,
  planOf,
  started,
  subtask,
  turnEnded,
  validated,
} from '../recorded-run.ts';

const session: ArchivedSession = { session: 's', message: 'm', archive: 'a'.repeat(64), bytes: 1 };
const first = (...rest: readonly RunEvent[]): RunEvent[] => [
  launching('a'),
  turnEnded('a-1', 1, [0, 10]),
  { ...captured('a-1'), session } as RunEvent,
  ...rest,
];
const lost = first(ended('a-1', 'interrupted'));
const carried: RunEvent = {
  ...{ type: 'attempt.carried', attempt: 'a-1', subtask: 'a', number: 1, base: BASE, why: 'restored' },
  ...{ from: { run: 'earlier', attempt: 'a-0' }, turn: 2, iterations: 1, commit: commitOf('c'), tree: commitOf('d') },
  ...{ files: [], session, conflicts: ['NOTES.md'] },
};
const next = (number: number, continues?: string, at = BASE): RunEvent =>
  ({ ...launching('a', `a-${number}`, number), base: at, ...(continues ? { continues } : {}) }) as RunEvent;

/** What the next attempt goes on from after these events; `base` is where it would start otherwise. */
async function goesOnFrom(events: readonly RunEvent[], base = BASE) {
  const context = {
    repository: { treeOf: async (commit: string) => commit },
    journal: foldOf(...started(planOf(subtask('a'))), ...events),
    sessions: { bringBack: async ({ archive }: ArchivedSession, attempt: string) => `${attempt}/${archive}` },
  } as unknown as RunContext;
  const found = await continuation(context, 'a', 'a-next', base, new AbortController().signal);
  return found && { from: found.before.id, commit: found.commit, file: found.file, message: found.message };
}

describe('an attempt after one that was broken off or lost', () => {
  const there = { from: 'a-1', commit: commitOf('c'), file: `a-next/${session.archive}` };

  it('goes on with its files and its session', async () => {
    expect(await goesOnFrom(lost)).toEqual({ ...there, message: undefined });
    expect(await goesOnFrom([carried, ended('a-1', 'interrupted')])).toEqual({ ...there, message: 'm' });
  });

  it('goes on with what that one went on with, from the same point, where it was lost in its first turn', async () => {
    const twice = [next(2, 'a-1'), ended('a-2', 'interrupted')];
    expect(await goesOnFrom([...lost, ...twice])).toEqual({ ...there, message: undefined });
    expect(await goesOnFrom([...lost, ...twice, next(3, 'a-1'), ended('a-3', 'interrupted')])).toMatchObject(there);
    expect(await goesOnFrom([carried, ended('a-1', 'interrupted'), ...twice])).toEqual({ ...there, message: 'm' });
  });

  it('counts the findings that it is told first once, however often an attempt is lost before it has mended them', () => {
    const told = [...first(validated('a-1', 'failed'), ended('a-1', 'interrupted')), next(2, 'a-1')];
    const { state } = foldOf(
      ...started(planOf(subtask('a'))),
      ...[...told, ended('a-2', 'interrupted'), next(3, 'a-1')],
    );
    expect([...state.attempts.values()].map(({ iterations }) => iterations)).toEqual([0, 1, 1]);
  });

  it('starts afresh where the one that went on failed by itself, was ended, or did not go on either', async () => {
    for (const outcome of ['infrastructure', 'rejected', 'cancelled'] as const)
      expect(await goesOnFrom([...lost, next(2, 'a-1'), ended('a-2', outcome)])).toBeUndefined();
    expect(await goesOnFrom([...lost, next(2), ended('a-2', 'interrupted')])).toBeUndefined();
    expect(await goesOnFrom(first(validated('a-1', 'failed'), ended('a-1', 'rejected')))).toBeUndefined();
  });

  it('starts from the result that came back, merged anew, where the worker with it was lost in its first turn', async () => {
    const accepted = first(validated('a-1'), ended('a-1', 'accepted'));
    expect(await goesOnFrom([...accepted, next(2, 'a-1'), ended('a-2', 'interrupted')])).toBeUndefined();
  });

  it('starts afresh where what it builds on was changed meanwhile', async () => {
    expect(await goesOnFrom(lost, commitOf('8'))).toBeUndefined();
    expect(await goesOnFrom([...lost, next(2, 'a-1'), ended('a-2', 'interrupted')], commitOf('8'))).toBeUndefined();
  });
});
