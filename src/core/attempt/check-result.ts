import type { RunContext } from '../context.ts';
import type { Subtask } from '../model/plan.ts';
import type { AttemptState } from '../model/run.ts';
import { nothingChanged } from '../validation/captured-files.ts';
import { leftMarkers } from '../validation/conflict-markers.ts';
import { oversizedReports } from '../validation/oversized.ts';
import { type Validation, validateTree } from '../validation/validate-tree.ts';
import { attemptState } from './follow.ts';
import { checkProtectedChanges } from './protected-changes.ts';

/** Checks what an attempt left behind, and asks the person about it where only a person may decide. */
export async function checkResult(
  context: RunContext,
  id: string,
  captured: NonNullable<AttemptState['captured']>,
  subtask: Subtask,
  signal: AbortSignal,
): Promise<Validation> {
  const { tree, files, oversized } = captured;
  // A person may have to mend more than what a worker was to change.
  const free = attemptState(context, id).carried?.why === 'person' ? { ...subtask, scope: [] } : subtask;
  const checked = await validateTree(context, tree, files, free, signal);
  // What an earlier run did may be in the base already.
  const mayBeEmpty = attemptState(context, id).carried?.why === 'reused';
  const empty = files.length === 0 && !mayBeEmpty ? nothingChanged(subtask) : [];
  const unusable = oversized ? oversizedReports(oversized) : empty;
  const unresolved = await leftMarkers(context, tree, attemptState(context, id).conflicts, signal);
  if (unresolved.length > 0) return { ...checked, verdict: 'failed', files: [...unresolved, ...checked.files] };
  if (unusable.length > 0) return { ...checked, verdict: 'failed', files: [...checked.files, ...unusable] };
  // Nobody is asked about what goes back to the worker anyway.
  if (checked.verdict !== 'passed') return checked;
  const denied = await checkProtectedChanges(context, id, captured, signal);
  const outcome = denied.length > 0 ? 'failed' : 'passed';
  return {
    verdict: outcome,
    files: [...checked.files, ...denied],
    evidence: [...checked.evidence, { check: 'basic/protected-files', tree, outcome, durationMs: 0 }],
  };
}
