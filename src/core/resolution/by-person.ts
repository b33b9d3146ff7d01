import { judgeCarried } from '../attempt/carried.ts';
import { attemptState } from '../attempt/follow.ts';
import type { RunContext } from '../context.ts';
import { tellsOfRoom } from '../journal/tells-of-room.ts';
import { findingLines } from '../model/finding-lines.ts';
import { resolutionSlot } from '../model/needed-worktrees.ts';
import type { Subtask } from '../model/plan.ts';
import { turnRef } from '../model/refs.ts';
import type { ReturnedResult } from '../model/run.ts';

/**
 * Gives a conflict that no worker could resolve to the person: its files in a worktree, with markers. `accepted`: their
 * resolution passed the checks and waits to be integrated. `given-up`: the subtask has failed. `later`: nobody can be
 * asked now; the worktree stays, and whoever resumes the run asks again.
 */
export async function resolveByPerson(
  context: RunContext,
  subtask: Subtask,
  signal: AbortSignal,
): Promise<'accepted' | 'given-up' | 'later'> {
  const { journal, repository, approvals } = context;
  let problems: readonly string[] = [];
  for (;;) {
    const { returned, reason = 'Its result conflicts.' } = journal.state.subtasks.get(subtask.id) ?? {};
    if (!returned) return 'given-up';
    const slot = resolutionSlot(returned.attempt);
    const isThere = returned.opened !== undefined && (await repository.hasWorktree(slot));
    const opened = (isThere ? returned.opened : undefined) ?? (await open(context, subtask, returned, signal));
    const { worktree: folder, base, paths } = opened;
    const question = {
      ...{ run: journal.state.id, subtask: subtask.id, title: subtask.title, reason, folder, paths, problems },
      ...{ base, result: returned.result, before: attemptState(context, returned.attempt).base },
    };
    // What fits by now needs nobody.
    const isPlain = paths.length === 0 && problems.length === 0;
    const answer = isPlain ? 'use' : await approvals.resolveConflict(question, signal);
    if (answer === 'later') return 'later';
    if (answer === 'give-up') {
      await journal.record({ type: 'subtask.failed', subtask: subtask.id, reason });
      // Only when it is on disk that nobody needs it.
      await journal.durable();
      await repository.closeWorktree(slot);
      return 'given-up';
    }
    if (!(await repository.hasWorktree(slot))) {
      problems = [`${folder} was gone; it is made again with the conflict as it was.`];
      continue;
    }
    const attempt = await take(context, subtask, returned, opened, signal);
    const outcome = await judgeCarried(context, attempt, subtask, signal);
    if (outcome === 'accepted') return 'accepted';
    signal.throwIfAborted();
    problems = findingLines(attemptState(context, attempt).validated?.files ?? []);
  }
}

type Opened = NonNullable<ReturnedResult['opened']>;

async function open(
  context: RunContext,
  subtask: Subtask,
  { attempt, result }: ReturnedResult,
  signal: AbortSignal,
): Promise<Opened> {
  const { journal, repository } = context;
  const base = journal.state.integrated;
  const merged = await repository.merge(base, result, `Resolve ${subtask.id}`, signal);
  const paths = merged.ok ? [] : [...merged.conflicts];
  const onWait = tellsOfRoom(context, [subtask.id]);
  const worktree = await repository.openWorktree(resolutionSlot(attempt), merged.commit, signal, onWait);
  await journal.record({ type: 'conflict.opened', subtask: subtask.id, worktree, base, paths });
  return { worktree, base, paths };
}

/** What the person left becomes an attempt of its own, validated and merged like any other. */
async function take(
  { journal, repository, random }: RunContext,
  subtask: Subtask,
  { attempt: source }: ReturnedResult,
  { worktree, base, paths }: Opened,
  signal: AbortSignal,
): Promise<string> {
  const { state } = journal;
  const attempt = `${subtask.id}-${random.id()}`;
  const message = `${subtask.id}: ${subtask.title}, resolved by a person`;
  const { commit, tree, files } = await repository.capture(
    worktree,
    base,
    turnRef(state.id, attempt, 1),
    message,
    signal,
  );
  await journal.record({
    type: 'attempt.carried',
    attempt,
    subtask: subtask.id,
    number: (state.subtasks.get(subtask.id)?.attempts.length ?? 0) + 1,
    base,
    why: 'person',
    from: { run: state.id, attempt: source },
    turn: 1,
    // Where it conflicts once more, a person is asked again.
    iterations: state.settings.qualityIterations,
    commit,
    tree,
    files: [...files],
    conflicts: [...paths],
  });
  return attempt;
}
