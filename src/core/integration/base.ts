import { OrchestratorError } from '../model/error.ts';
import type { RunState } from '../model/run.ts';
import type { Repository } from '../ports/repository.ts';

/**
 * The commit that an attempt at the subtask starts from: the run's base with exactly the results of the subtasks it
 * depends on, directly or not, and nothing of the others. Every one of them must be integrated.
 */
export async function attemptBase(
  run: RunState,
  id: string,
  repository: Repository,
  signal: AbortSignal,
): Promise<string> {
  const dependencies = new Set(run.subtasks.get(id)?.subtask.dependsOn ?? []);
  let base = run.base;
  // In the order of integration, in which they merged without a conflict before.
  for (const dependency of run.integrationOrder.filter((name) => dependencies.has(name))) {
    const result = run.subtasks.get(dependency)?.result;
    if (result === undefined)
      throw new OrchestratorError('internal', `"${dependency}" is integrated but has no result.`);
    const merged = await repository.merge(base, result, `Base of ${id}`, signal);
    if (!merged.ok) {
      throw new OrchestratorError(
        'git-failed',
        `The results that "${id}" depends on conflict in ${merged.conflicts.join(', ')}.`,
        {
          fix: 'Let one of them depend on the other, and run the plan again.',
        },
      );
    }
    base = merged.commit;
  }
  return base;
}
