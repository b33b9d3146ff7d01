import { type Plan, planSchema } from '../model/plan.ts';
import { outsideReason } from '../model/relative-path.ts';
import { err, ok, type Result } from '../model/result.ts';
import { findCycle } from './cycle.ts';

/** Subtasks that a plan has at most, unless a setting says otherwise (features: 15, nested plans for more). */
export const MAX_SUBTASKS = 15;

/**
 * Turns what a planner or a file said into a plan, or into the list of what is wrong with it, each line naming the
 * subtask and the field.
 */
export function checkPlan(value: unknown, limits: { maxSubtasks: number }): Result<Plan, readonly string[]> {
  const parsed = planSchema.safeParse(value);
  if (!parsed.success) {
    return err(parsed.error.issues.map((issue) => `${place(value, issue.path)}: ${issue.message}`));
  }
  const plan = parsed.data;
  const problems = [...tooMany(plan, limits.maxSubtasks), ...badIds(plan), ...badPaths(plan)];
  if (problems.length > 0) return err(problems);
  const cycle = findCycle(plan.subtasks);
  if (cycle)
    return err([
      `subtasks: "${cycle.join('" → "')}" depend on each other in a circle; remove one of these dependencies`,
    ]);
  return ok(plan);
}

function tooMany(plan: Plan, max: number): string[] {
  const count = plan.subtasks.length;
  return count > max ? [`subtasks: there are ${count}, at most ${max} are allowed; join small ones`] : [];
}

function badIds(plan: Plan): string[] {
  const problems: string[] = [];
  const ids = new Set<string>();
  for (const { id } of plan.subtasks) {
    // Ids become file names, and some file systems take "A" and "a" for the same one.
    if (ids.has(id.toLowerCase())) problems.push(`subtask "${id}": the id is used twice`);
    ids.add(id.toLowerCase());
  }
  const known = new Set(plan.subtasks.map((subtask) => subtask.id));
  for (const { id, dependsOn } of plan.subtasks) {
    for (const dependency of dependsOn) {
      if (!known.has(dependency)) problems.push(`subtask "${id}", dependsOn: there is no subtask "${dependency}"`);
    }
    if (new Set(dependsOn).size < dependsOn.length) problems.push(`subtask "${id}", dependsOn: a name appears twice`);
  }
  return problems;
}

function badPaths(plan: Plan): string[] {
  return plan.subtasks.flatMap((subtask) =>
    (['scope', 'produces'] as const).flatMap((field) =>
      subtask[field].flatMap((path) => {
        const reason = outsideReason(path) ?? (field === 'produces' ? noFileReason(path) : undefined);
        return reason ? [`subtask "${subtask.id}", ${field}: "${path}" ${reason}`] : [];
      }),
    ),
  );
}

/** Promised files are looked for by name. */
function noFileReason(path: string): string | undefined {
  if (path.includes('*')) return 'is a pattern; name each file';
  return path.endsWith('/') ? 'is a folder; name the files in it' : undefined;
}

/** `subtask "b", dependsOn` rather than `subtasks.1.dependsOn`, where the id is known. */
function place(value: unknown, path: readonly PropertyKey[]): string {
  const [first, index, ...rest] = path;
  if (first !== 'subtasks' || typeof index !== 'number')
    return path.length > 0 ? path.map(String).join('.') : 'the plan';
  const subtasks = (value as { subtasks: unknown[] }).subtasks;
  const id = (subtasks[index] as { id?: unknown } | null | undefined)?.id;
  const name = typeof id === 'string' ? `subtask "${id.slice(0, 80)}"` : `subtasks[${index}]`;
  return rest.length > 0 ? `${name}, ${rest.map(String).join('.')}` : name;
}
