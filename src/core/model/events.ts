import * as z from 'zod';
import { attemptEventSchema } from './attempt-events.ts';
import { checkpointDataSchema } from './checkpoint.ts';
import { checkOutcomeSchema } from './checks.ts';
import { controlAnswerSchema } from './control.ts';
import { attemptId, budgetSchema, changedFileSchema, commit } from './event-fields.ts';
import { evidenceSchema } from './findings.ts';
import { graphChangeSchema } from './graph-change.ts';
import { planSchema, subtaskIdSchema } from './plan.ts';
import { runSettingsSchema } from './settings.ts';

/**
 * What can happen in a run. *Intents* are journalled before their effect, outcomes after it; after a crash an intent
 * without an outcome is compared with reality.
 */
export const runEventSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('run.created'),
    run: z.string(),
    task: z.string(),
    repository: z.string(),
    branch: z.string().nullable(),
    base: commit,
    /** The base is a snapshot with the person's uncommitted changes. */
    uncommitted: z.literal(true).optional(),
    settings: runSettingsSchema,
    /** It goes on from a checkpoint of another run; what was spent there by then does not count here. */
    origin: z
      .strictObject({ run: z.string(), checkpoint: z.string(), seq: z.int().min(1), costUsd: z.number() })
      .optional(),
  }),
  z.strictObject({ type: z.literal('plan.proposed'), by: z.enum(['planner', 'file', 'restore']), plan: planSchema }),
  z.strictObject({
    type: z.literal('plan.approved'),
    by: z.enum(['person', 'setting']),
    /** The person wants their uncommitted changes in it: the run starts from this snapshot instead of its base. */
    snapshot: commit.optional(),
  }),
  z.strictObject({ type: z.literal('plan.rejected') }),
  ...attemptEventSchema.options,
  /** Intent. */
  z.strictObject({
    type: z.literal('integration.started'),
    subtask: subtaskIdSchema,
    attempt: attemptId,
    onto: commit,
  }),
  z.strictObject({
    type: z.literal('integration.merged'),
    subtask: subtaskIdSchema,
    attempt: attemptId,
    commit,
    tree: commit,
    evidence: z.array(evidenceSchema),
  }),
  /** A check of the project was run on a merged tree, once. */
  z.strictObject({
    type: z.literal('check.ran'),
    check: z.string(),
    command: z.array(z.string()),
    commit,
    tree: commit,
    outcome: checkOutcomeSchema,
    exitCode: z.int().nullable(),
    durationMs: z.number(),
    /** End of its output. */
    tail: z.string(),
    /** Whose results the tree holds that are not integrated yet. */
    subtasks: z.array(subtaskIdSchema),
  }),
  /** A result could not be merged, or a check fails because of it: its worker gets it back with the evidence. */
  z.strictObject({
    type: z.literal('integration.returned'),
    subtask: subtaskIdSchema,
    attempt: attemptId,
    why: z.enum(['check', 'conflict', 'findings']),
    /** What it was merged with. */
    onto: commit,
    /** The merge of both; in a conflict with markers in the files. */
    merged: commit,
    /** For a person, one line. */
    reason: z.string(),
    /** For the worker. */
    message: z.string(),
    /** Files in conflict. */
    paths: z.array(z.string()),
    /** No worker gets it any more: the person is asked. */
    asks: z.literal(true).optional(),
  }),
  /** A worktree for the person who resolves a conflict, with the markers in its files. */
  z.strictObject({
    type: z.literal('conflict.opened'),
    subtask: subtaskIdSchema,
    worktree: z.string(),
    /** What its result is compared with. */
    base: commit,
    paths: z.array(z.string()),
  }),
  z.strictObject({ type: z.literal('subtask.failed'), subtask: subtaskIdSchema, reason: z.string() }),
  z.strictObject({
    type: z.literal('checkpoint.opened'),
    checkpoint: z.string(),
    /** Id of the one above it; empty: the run. */
    parent: z.string(),
    title: z.string(),
    steps: z.int().min(1).optional(),
    data: checkpointDataSchema.optional(),
  }),
  z.strictObject({
    type: z.literal('checkpoint.closed'),
    checkpoint: z.string(),
    state: z.enum(['COMPLETED', 'FAILED']),
    reason: z.string().optional(),
  }),
  /** Its next attempt waits for room on the disk, for this reason; null: it does no longer. */
  z.strictObject({ type: z.literal('subtask.held'), subtask: subtaskIdSchema, room: z.string().nullable() }),
  /** A worktree for its next attempt, which may use so much, is made ready, which takes a while; null: no longer. */
  z.strictObject({ type: z.literal('subtask.preparing'), subtask: subtaskIdSchema, budget: budgetSchema.nullable() }),
  /** After a failure of this attempt that says nothing about the work the next one waits, `ms` from now. */
  z.strictObject({
    type: z.literal('subtask.backed-off'),
    subtask: subtaskIdSchema,
    after: attemptId,
    untilMs: z.number(),
    ms: z.number().min(0),
  }),
  /** Nothing more is launched until `run.resumed`; what is in work goes on. */
  z.strictObject({ type: z.literal('run.paused') }),
  z.strictObject({ type: z.literal('run.resumed') }),
  /**
   * The wall clock went on by so much in which nobody can have worked: the machine slept, or the clock was set (less
   * than none: back). Or nobody drove the run and no worker of it worked on. `each`: what it is for open attempts of
   * which that is not true.
   */
  z.strictObject({ type: z.literal('run.slept'), ms: z.number(), each: z.record(attemptId, z.number()).optional() }),
  z.strictObject({ type: z.literal('run.cancelling') }),
  z.strictObject({
    type: z.literal('run.ended'),
    outcome: z.enum(['completed', 'failed', 'cancelled', 'planned']),
    detail: z.string(),
  }),
  /** A run that had ended goes on, since there is something to do again. */
  z.strictObject({ type: z.literal('run.reopened') }),
  ...graphChangeSchema.options,
  /** What came of a request of `control.ndjson`; what it changed stands before it in the same batch. */
  z.strictObject({
    type: z.literal('control.handled'),
    request: z.string(),
    /** Who asked, and for what. */
    by: z.string(),
    order: z.string(),
    ...controlAnswerSchema.shape,
  }),
  /** Intent. */
  z.strictObject({
    type: z.literal('apply.started'),
    branch: z.string(),
    from: commit,
    to: commit,
    inPlace: z.literal(true).optional(),
  }),
  z.strictObject({
    type: z.literal('apply.done'),
    branch: z.string(),
    commit,
    files: z.array(changedFileSchema),
    /** Only files were written; the branch stayed where it was. */
    inPlace: z.literal(true).optional(),
  }),
  /** Branch, index and files are what they were before it was begun. */
  z.strictObject({ type: z.literal('apply.failed'), detail: z.string() }),
  /** Intent. */
  z.strictObject({ type: z.literal('apply.undoing') }),
  /** Nothing was taken back. */
  z.strictObject({ type: z.literal('apply.undo-failed'), detail: z.string() }),
  /** Branch, index and files are what they were before. */
  z.strictObject({ type: z.literal('apply.undone'), branch: z.string(), from: commit, to: commit }),
]);

/** All that can happen, by name. */
export const RUN_EVENT_TYPES: ReadonlySet<string> = new Set(
  runEventSchema.options.map(({ shape }) => shape.type.value),
);

/** An event in its place in the journal. `at` is the wall clock in milliseconds since 1970. */
export const journalRecordSchema = z.object({
  seq: z.int().min(1),
  at: z.number(),
  epoch: z.int().min(1),
  event: runEventSchema,
});

export type RunEvent = z.infer<typeof runEventSchema>;
export type RunEventType = RunEvent['type'];
export type EventOf<T extends RunEventType> = Extract<RunEvent, { type: T }>;
export type JournalRecord = z.infer<typeof journalRecordSchema>;
