import type { RunContext } from '../context.ts';
import type { IntegrationQueue } from '../integration/queue.ts';
import { OrchestratorError } from '../model/error.ts';
import { resolutionSlot } from '../model/needed-worktrees.ts';
import type { Subtask } from '../model/plan.ts';
import type { RunState, SubtaskState } from '../model/run.ts';
import { resolveByPerson } from './by-person.ts';

/** Lets the person resolve a conflict that is theirs by now; false when there is none. */
export async function settleConflict(
  context: RunContext,
  subtask: Subtask,
  queue: IntegrationQueue,
  signal: AbortSignal,
): Promise<boolean> {
  const { journal } = context;
  const own = (): SubtaskState | undefined => journal.state.subtasks.get(subtask.id);
  if (!own()?.returned?.asks) return false;
  while (own()?.returned?.asks && (await resolveByPerson(context, subtask, signal)) === 'accepted')
    await integrateResolved(context, subtask, queue);
  return true;
}

/** Throws when the run could go on if somebody resolved a conflict. */
export function requireNobody(run: RunState): void {
  const open = [...run.subtasks.values()].filter(({ returned, status }) => returned?.asks && status === 'integrating');
  if (open.length === 0) return;
  const places = open.map(
    ({ subtask, returned }) => `"${subtask.id}" in ${returned?.opened?.worktree ?? 'a worktree'}`,
  );
  throw new OrchestratorError(
    'waits-for-person',
    `The run waits for you to resolve the conflict of ${places.join(', ')}.`,
    {
      fix: `Mend the files there, then: claude-orchestrator resume ${run.id} --resolved ${open[0]?.subtask.id ?? ''} (or --give-up)`,
    },
  );
}

/** Merges the last result of a subtask. What a person resolved it in is not needed any more then. */
export async function integrateResolved(
  { journal, repository }: RunContext,
  subtask: Subtask,
  queue: IntegrationQueue,
): Promise<void> {
  const { state } = journal;
  const last = state.attempts.get(state.subtasks.get(subtask.id)?.attempts.at(-1) ?? '');
  if (last?.carried?.why === 'person') {
    // Only when it is on disk that the result was accepted.
    await journal.durable();
    await repository.closeWorktree(resolutionSlot(last.carried.from.attempt));
  }
  await queue.integrate(subtask, last?.id ?? '');
}
