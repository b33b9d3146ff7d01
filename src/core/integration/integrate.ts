import { type RunContext, uncancelled } from '../context.ts';
import type { Subtask } from '../model/plan.ts';
import { validateTree } from '../validation/validate-tree.ts';
import { changersOf, namesOf } from './base.ts';

/** Ref of what a run has integrated. */
export const integrationRef = (run: string): string => `refs/claude-orchestrator/runs/${run}/integration`;

/**
 * Merges an accepted result into the run's integration ref. The ref only moves to a tree that was checked, so a merge
 * whose files are broken leaves it where it was. Resolves with whether the result is in; why not is in the journal.
 */
export async function integrate(
  context: RunContext,
  subtask: Subtask,
  attempt: string,
  signal: AbortSignal,
): Promise<boolean> {
  const { journal, repository } = context;
  const run = journal.state;
  const result = run.subtasks.get(subtask.id)?.result;
  if (result === undefined) return false;
  const onto = run.integrated;
  await journal.record({ type: 'integration.started', subtask: subtask.id, attempt, onto });
  const merged = await repository.merge(onto, result, `Integrate ${subtask.id}: ${subtask.title}`, signal);
  if (!merged.ok) {
    const others = namesOf(changersOf(run, merged.conflicts));
    const whose = others === '' ? 'what was merged before' : `the result of ${others}`;
    const fix = `Let "${subtask.id}" depend on what it conflicts with, and run the plan again.`;
    return refuse(context, subtask.id, `Its result conflicts with ${whose} in ${merged.conflicts.join(', ')}. ${fix}`);
  }
  const changed = await repository.changedFiles(onto, merged.commit, signal);
  const validation = await validateTree(context, merged.tree, changed, subtask, signal);
  if (validation.verdict !== 'passed') {
    const paths = validation.files.map(({ path }) => path).join(', ');
    return refuse(context, subtask.id, `Merged with the other results its files no longer pass the checks: ${paths}.`);
  }
  const ref = integrationRef(run.id);
  await repository.moveRef(ref, merged.commit, (await repository.readRef(ref, signal)) ?? null, signal);
  await journal.record({
    type: 'integration.merged',
    subtask: subtask.id,
    attempt,
    commit: merged.commit,
    tree: merged.tree,
    evidence: [...validation.evidence],
  });
  return true;
}

/**
 * Takes the integration ref back to where the journal says: it is ahead when its owner was stopped after it moved the
 * ref and before it could say so, and the integration was not begun again.
 */
export async function reconcileIntegration({ journal, repository }: RunContext): Promise<void> {
  const { id, integrated } = journal.state;
  const ref = integrationRef(id);
  const found = await repository.readRef(ref, uncancelled());
  if (found !== undefined && found !== integrated) await repository.moveRef(ref, integrated, found, uncancelled());
}

async function refuse(context: RunContext, subtask: string, reason: string): Promise<false> {
  const { subtasks, attempts } = context.journal.state;
  const last = attempts.get(subtasks.get(subtask)?.attempts.at(-1) ?? '');
  if (last?.carried?.why === 'reused') {
    // Of an earlier run, it was only worth a try.
    await context.journal.record({ type: 'attempt.dropped', attempt: last.id, reason });
    return false;
  }
  await context.journal.record({ type: 'subtask.failed', subtask, reason });
  return false;
}
