import * as z from 'zod';
import { type Subtask, subtaskIdSchema, subtaskSchema } from './plan.ts';
import { err, ok, type Result } from './result.ts';

const { shape } = subtaskSchema;

/** What of a subtask can be replaced: every field but its id. */
export const subtaskEditSchema = z.strictObject({
  title: shape.title.optional(),
  instructions: shape.instructions.optional(),
  dependsOn: shape.dependsOn.unwrap().optional(),
  scope: shape.scope.unwrap().optional(),
  produces: shape.produces.unwrap().optional(),
  inputs: shape.inputs,
  estimate: shape.estimate,
  priority: shape.priority,
  budget: shape.budget,
});

/** Ends the worker of the subtask first; what it has done so far is kept, no attempt is counted for it. */
const endWorker = z.literal(true).optional();

/**
 * Changes of a run's graph. Each is an event: `core/planning/check-change.ts` says whether it may happen, the fold in
 * `core/journal/fold-graph.ts` what it means.
 */
const changes = [
  z.strictObject({ type: z.literal('subtask.added'), definition: subtaskSchema }),
  z.strictObject({ type: z.literal('subtask.removed'), subtask: subtaskIdSchema }),
  z.strictObject({ type: z.literal('subtask.edited'), subtask: subtaskIdSchema, set: subtaskEditSchema }),
  /** What depended on it depends on those of its parts that no other part builds on. */
  z.strictObject({ type: z.literal('subtask.split'), subtask: subtaskIdSchema, into: z.array(subtaskSchema).min(2) }),
  /** It and what it waits for start before all others. */
  z.strictObject({ type: z.literal('subtask.pinned'), subtask: subtaskIdSchema }),
  z.strictObject({ type: z.literal('subtask.unpinned'), subtask: subtaskIdSchema }),
  /** No attempt at it is begun until it is unpaused; one that is in work goes on, unless its worker is ended. */
  z.strictObject({ type: z.literal('subtask.paused'), subtask: subtaskIdSchema, endWorker }),
  z.strictObject({ type: z.literal('subtask.unpaused'), subtask: subtaskIdSchema }),
  /** Its result is done without: what depended on it depends on what it would have built on instead. */
  z.strictObject({ type: z.literal('subtask.skipped'), subtask: subtaskIdSchema, endWorker }),
  /** It waits again, with all that it was blocked by and all that was blocked by it; earlier failures do not count. */
  z.strictObject({ type: z.literal('subtask.retried'), subtask: subtaskIdSchema }),
] as const;

export const graphChangeSchema = z.discriminatedUnion('type', changes);

export type SubtaskEdit = z.infer<typeof subtaskEditSchema>;
export type GraphChange = z.infer<typeof graphChangeSchema>;

const GRAPH_CHANGES: ReadonlySet<string> = new Set(changes.map(({ shape: { type } }) => type.value));

/** Where a change holds what the person has said of subtasks. */
const SAID_IN: readonly PropertyKey[] = ['definition', 'set', 'into'];

/**
 * A change that was put together from what a person has said, or what is wrong in that: a sentence without a full stop
 * for each problem, with the fields as the person knows them.
 */
export function readChange(change: unknown): Result<GraphChange, readonly string[]> {
  const parsed = graphChangeSchema.safeParse(change);
  if (parsed.success) return ok(parsed.data);
  return err(
    parsed.error.issues.map(({ code, path, message }) => {
      const name = path.slice(SAID_IN.includes(path[0] ?? '') ? 1 : 0).join('.');
      if (code === 'invalid_type' && valueAt(change, path) === undefined) return `"${name}" is missing`;
      return name === '' ? message : `${name}: ${message}`;
    }),
  );
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((found, key) => (Object(found) as Record<PropertyKey, unknown>)[key], value);
}

/** Whether an event is a change of the graph. */
export function isGraphChange<T extends { readonly type: string }>(event: T): event is T & GraphChange {
  return GRAPH_CHANGES.has(event.type);
}

/** Id of the subtask that a change is about. */
export function subtaskOf(change: GraphChange): string {
  return change.type === 'subtask.added' ? change.definition.id : change.subtask;
}

/** The subtasks after a change, in the plan's order; a change that leaves the plan alone gives back what it got. */
export function afterChange(subtasks: readonly Subtask[], change: GraphChange): readonly Subtask[] {
  switch (change.type) {
    case 'subtask.added':
      return [...subtasks, change.definition];
    case 'subtask.removed':
      return subtasks.filter(({ id }) => id !== change.subtask);
    case 'subtask.edited':
      return subtasks.map((subtask) => (subtask.id === change.subtask ? edited(subtask, change.set) : subtask));
    case 'subtask.split': {
      const ends = endsOf(change.into);
      return subtasks.flatMap((subtask) =>
        subtask.id === change.subtask ? change.into : [replaced(subtask, change.subtask, ends)],
      );
    }
    case 'subtask.skipped': {
      const skipped = subtasks.find(({ id }) => id === change.subtask);
      return subtasks.map((subtask) => replaced(subtask, change.subtask, skipped?.dependsOn ?? []));
    }
    default:
      return subtasks;
  }
}

/** The parts of a split as they become subtasks: those that build on no other part build on what the whole did. */
export function partsOf(whole: Subtask, into: readonly Subtask[]): Subtask[] {
  const ids = new Set(into.map(({ id }) => id));
  return into.map((part) =>
    part.dependsOn.some((id) => ids.has(id))
      ? part
      : { ...part, dependsOn: [...new Set([...whole.dependsOn, ...part.dependsOn])] },
  );
}

/** The subtask with other dependencies in the place of one. */
function replaced(subtask: Subtask, dependency: string, by: readonly string[]): Subtask {
  if (!subtask.dependsOn.includes(dependency)) return subtask;
  const dependsOn = subtask.dependsOn.flatMap((id) => (id === dependency ? by : [id]));
  return { ...subtask, dependsOn: [...new Set(dependsOn)] };
}

function edited(subtask: Subtask, set: SubtaskEdit): Subtask {
  const given = Object.fromEntries(Object.entries(set).filter(([, value]) => value !== undefined));
  return { ...subtask, ...given };
}

function endsOf(parts: readonly Subtask[]): string[] {
  const needed = new Set(parts.flatMap(({ dependsOn }) => dependsOn));
  return parts.map(({ id }) => id).filter((id) => !needed.has(id));
}
