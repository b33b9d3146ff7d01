import { type RunContext, uncancelled } from '../context.ts';

/** Ref of what a run has integrated. */
export const integrationRef = (run: string): string => `refs/claude-orchestrator/runs/${run}/integration`;

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
