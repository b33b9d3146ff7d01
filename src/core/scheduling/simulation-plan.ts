import * as z from 'zod';
import { subtaskSchema } from '../model/plan.ts';
import { err, ok, type Result } from '../model/result.ts';
import { writableBy } from '../model/scope.ts';
import { DEFAULT_ESTIMATE_SECONDS, type GraphNode } from './graph.ts';

/** Subtasks that can be simulated at most. */
export const MAX_SIMULATED_SUBTASKS = 20_000;

const MAX_SECONDS = 1e9;

/**
 * A plan as far as times go: whatever a run needs besides may be missing. Unlike in a run, a subtask without a scope
 * stands in nobody's way, and one may take no time at all.
 */
const simulationPlanSchema = z.strictObject({
  version: z.literal(1),
  title: z.string().max(10_000).optional(),
  subtasks: z
    .array(
      subtaskSchema.extend({
        id: z.string().min(1).max(200),
        title: z.string().max(10_000).optional(),
        instructions: z.string().optional(),
        dependsOn: z.array(z.string()).default([]),
        scope: z.array(z.string().min(1).max(500)).optional(),
        estimate: z.strictObject({ seconds: z.number().nonnegative().max(MAX_SECONDS) }).optional(),
      }),
    )
    .min(1)
    .max(MAX_SIMULATED_SUBTASKS),
});

/** Turns the contents of a plan file into nodes in the plan's order, or into lines that say what is wrong where. */
export function readSimulationPlan(value: unknown): Result<GraphNode[], readonly string[]> {
  const parsed = simulationPlanSchema.safeParse(value);
  if (!parsed.success)
    return err(parsed.error.issues.map(({ path, message }) => `${placeOf(value, path)}: ${message}`));
  const { subtasks } = parsed.data;
  const ids = new Set<string>();
  const twice = subtasks.flatMap(({ id }) => {
    if (ids.has(id)) return [`subtask "${id}": the id is used twice`];
    ids.add(id);
    return [];
  });
  const unknown = subtasks.flatMap(({ id, dependsOn }) =>
    dependsOn
      .filter((dependency) => !ids.has(dependency))
      .map((dependency) => `subtask "${id}", dependsOn: there is no subtask "${dependency}"`),
  );
  const problems = [...twice, ...unknown];
  if (problems.length > 0) return err(problems);
  return ok(
    subtasks.map(({ id, dependsOn, estimate, scope, produces, priority }) => ({
      priority,
      id,
      dependsOn,
      seconds: estimate?.seconds ?? DEFAULT_ESTIMATE_SECONDS,
      // An empty scope means in a run that nothing may run beside it; written out, it means so here.
      scope: scope && writableBy({ scope, produces }),
    })),
  );
}

/** `subtask "b", estimate.seconds` rather than `subtasks.1.estimate.seconds`, where the id is known. */
function placeOf(value: unknown, path: readonly PropertyKey[]): string {
  const [first, index, ...rest] = path;
  if (first !== 'subtasks' || typeof index !== 'number') return path.map(String).join('.') || 'the plan';
  const { subtasks } = value as { subtasks: readonly unknown[] };
  const id = (subtasks[index] as { id?: unknown } | null | undefined)?.id;
  const name = typeof id === 'string' ? `subtask "${id.slice(0, 80)}"` : `subtasks[${index}]`;
  return rest.length > 0 ? `${name}, ${rest.map(String).join('.')}` : name;
}
