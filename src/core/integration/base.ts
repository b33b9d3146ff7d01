import type { AttemptStart } from '../model/attempt-start.ts';
import { OrchestratorError } from '../model/error.ts';
import { err, ok, type Result } from '../model/result.ts';
import type { RunState } from '../model/run.ts';
import type { Repository } from '../ports/repository.ts';

/** Where the next attempt at the subtask starts, or why none can. */
export async function attemptStart(
  run: RunState,
  id: string,
  repository: Repository,
  signal: AbortSignal,
): Promise<Result<AttemptStart, string>> {
  const returned = run.subtasks.get(id)?.returned;
  if (!returned) {
    const base = await attemptBase(run, id, repository, signal);
    return base.ok ? ok({ base: base.value }) : base;
  }
  const { attempt, result, message } = returned;
  // What it depends on is in there, and what it came back for too.
  const base = run.integrated;
  const merged = await repository.merge(base, result, `Go on with ${id}`, signal);
  const conflicts = merged.ok ? [] : merged.conflicts;
  return ok({ base, returned: { attempt, start: merged.commit, conflicts, message } });
}

/**
 * The commit that an attempt at the subtask starts from: the run's base with exactly the results of the subtasks it
 * depends on, directly or not, and nothing of the others. Every one of them must be integrated. What it depends on can
 * be in conflict: the answer is then why the subtask can't start.
 */
async function attemptBase(
  run: RunState,
  id: string,
  repository: Repository,
  signal: AbortSignal,
): Promise<Result<string, string>> {
  const dependencies = new Set(run.subtasks.get(id)?.subtask.dependsOn ?? []);
  let base = run.base;
  for (const dependency of inOrder(run, dependencies)) {
    const result = run.subtasks.get(dependency)?.result;
    if (result === undefined)
      throw new OrchestratorError('internal', `"${dependency}" is integrated but has no result.`);
    const merged = await repository.merge(base, result, `Base of ${id}`, signal);
    if (!merged.ok) {
      const others = namesOf(changersOf(run, merged.conflicts, dependencies));
      return err(
        `The results of ${others} conflict in ${merged.conflicts.join(', ')}. Let one of them depend on the other, and run the plan again.`,
      );
    }
    base = merged.commit;
  }
  return ok(base);
}

/** Those that are integrated, in that order, in which they merged without a conflict before. */
function inOrder(run: RunState, ids: ReadonlySet<string>): string[] {
  const placed = [...ids].flatMap((id) => {
    const place = run.subtasks.get(id)?.place;
    return place === undefined ? [] : [{ id, place }];
  });
  return placed.sort((a, b) => a.place - b.place).map(({ id }) => id);
}

/** Subtasks among `candidates` whose integrated results changed one of the paths, in the order of integration. */
export function changersOf(run: RunState, paths: readonly string[], candidates?: ReadonlySet<string>): string[] {
  return run.integrationOrder.filter((id) => {
    if (candidates && !candidates.has(id)) return false;
    const last = run.attempts.get(run.subtasks.get(id)?.attempts.at(-1) ?? '');
    return last?.captured?.files.some(({ path }) => paths.includes(path)) ?? false;
  });
}

/** For a message: `"a"`, `"a" and "b"`. */
export function namesOf(ids: readonly string[]): string {
  return ids.map((id) => `"${id}"`).join(' and ');
}
