import type { RunContext } from '../context.ts';
import { explain, OrchestratorError } from '../model/error.ts';
import type { Subtask } from '../model/plan.ts';
import { turnRef } from '../model/refs.ts';
import type { EarlierResult, EarlierResults } from './earlier-results.ts';

/** `attempt`: it carries an earlier result, which is to be validated. Else why no earlier result was taken, if there is one. */
export type Taken = { readonly attempt: string } | { readonly reason: string | undefined };

interface Order {
  readonly subtask: Subtask;
  /** Commit that the result is to be on. */
  readonly base: string;
  /** Asked at the last moment: a person may have changed their mind meanwhile. */
  readonly isWanted: () => boolean;
}

/**
 * Takes an earlier result for a subtask that has none, if there is one whose key holds and that fits on the base: then
 * an attempt without a worker is in the journal. One that was tried and not accepted is not tried again.
 */
export async function takeEarlier(
  context: RunContext,
  earlier: EarlierResults,
  order: Order,
  signal: AbortSignal,
): Promise<Taken> {
  const { subtask } = order;
  const { state } = context.journal;
  // Who goes back to a checkpoint wants done again what came after it.
  if (!state.settings.reuse || state.origin) return { reason: undefined };
  const attempts = state.subtasks.get(subtask.id)?.attempts ?? [];
  const last = state.attempts.get(attempts.at(-1) ?? '');
  if (last?.carried?.why === 'reused')
    return { reason: `the result of the run ${last.carried.from.run} does not hold: ${last.ended?.detail ?? ''}` };
  if (last) return { reason: undefined };
  const lookup = await earlier.lookUp(subtask);
  return 'found' in lookup ? carry(context, lookup.found, order, signal) : lookup;
}

async function carry(
  context: RunContext,
  { run, attempt: source, captured, key, inBase }: EarlierResult,
  { subtask, base, isWanted }: Order,
  signal: AbortSignal,
): Promise<Taken> {
  const { journal, repository, random } = context;
  const id = `${subtask.id}-${random.id()}`;
  const ref = turnRef(journal.state.id, id, 1);
  const message = `${subtask.id}: ${subtask.title}`;
  try {
    const moved = inBase
      ? ({ ok: true, commit: base, tree: await repository.treeOf(base, signal), files: [] } as const)
      : await repository.transplant({ result: captured.commit, from: source.base, onto: base, ref, message }, signal);
    if (!moved.ok)
      return {
        reason: `the result of the run ${run} does not fit any more, it conflicts in ${moved.conflicts.join(', ')}`,
      };
    const { commit, tree, files } = moved;
    if (!isWanted()) return { reason: undefined };
    await journal.record({
      ...{ type: 'attempt.carried', attempt: id, subtask: subtask.id, number: 1, base, why: 'reused' },
      ...{ from: { run, attempt: source.id }, key, turn: 1, iterations: 0, commit, tree, files: [...files] },
    });
    return { attempt: id };
  } catch (error) {
    if (signal.aborted || !(error instanceof OrchestratorError) || error.code !== 'git-failed') throw error;
    return { reason: `the result of the run ${run} is gone: ${explain(error)}` };
  }
}
