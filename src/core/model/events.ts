import * as z from 'zod';
import { archivedSessionSchema, checkpointDataSchema } from './checkpoint.ts';
import { checkOutcomeSchema } from './checks.ts';
import { controlAnswerSchema } from './control.ts';
import { evidenceSchema, fileReportSchema } from './findings.ts';
import { graphChangeSchema } from './graph-change.ts';
import { planSchema, subtaskIdSchema } from './plan.ts';
import { runSettingsSchema } from './settings.ts';
import { usageSchema } from './usage.ts';

const attemptId = z.string();
const commit = z.string().regex(/^[0-9a-f]{40,64}$/);
/** Byte range of `stream.ndjson` that an event was read from, end exclusive: reading it twice changes nothing. */
const bytes = z.strictObject({ from: z.int().min(0), to: z.int().min(0) });
const changedFileSchema = z.strictObject({ path: z.string(), change: z.enum(['added', 'modified', 'deleted']) });
const oversizedSchema = z.strictObject({
  totalBytes: z.number(),
  files: z.array(z.strictObject({ path: z.string(), bytes: z.number() })),
});

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
  /** Intent. `subtask` is null for the planner. */
  z.strictObject({
    type: z.literal('attempt.launching'),
    attempt: attemptId,
    subtask: subtaskIdSchema.nullable(),
    number: z.int().min(1),
    worktree: z.string(),
    base: commit,
    /** What it may spend, in US dollars. */
    budgetUsd: z.number().min(0),
    /** The same in tokens and working time. */
    budgetTokens: z.number().min(0).optional(),
    budgetMs: z.number().min(0).optional(),
    /**
     * The attempt that it goes on with: a carried one, whose session it forks and whose findings are its first message,
     * or one whose result came back from the integration.
     */
    continues: attemptId.optional(),
    /** A result that came back merged with the base, which its worktree is made of. */
    start: commit.optional(),
    /** Files that conflict in `start`: their markers are in them. */
    conflicts: z.array(z.string()).optional(),
    /** Why no earlier result was taken instead. */
    notReused: z.string().optional(),
  }),
  z.strictObject({ type: z.literal('attempt.launched'), attempt: attemptId, pid: z.int() }),
  z.strictObject({
    type: z.literal('attempt.session'),
    attempt: attemptId,
    bytes,
    session: z.string(),
    model: z.string(),
  }),
  z.strictObject({
    type: z.literal('attempt.tool-called'),
    attempt: attemptId,
    bytes,
    tool: z.string(),
    summary: z.string(),
  }),
  z.strictObject({
    type: z.literal('attempt.api-retried'),
    attempt: attemptId,
    bytes,
    status: z.number().nullable(),
    error: z.string(),
  }),
  z.strictObject({
    type: z.literal('attempt.turn-ended'),
    attempt: attemptId,
    bytes,
    turn: z.int().min(1),
    /** null: the turn succeeded. `api`, `auth`, `budget` say nothing about the work itself. */
    failure: z.enum(['api', 'auth', 'budget', 'other']).nullable(),
    detail: z.string(),
    /** Of the whole session so far. */
    usage: usageSchema,
    /** UUID of its last message, at which the session can be forked. */
    message: z.string().optional(),
  }),
  /** Without bytes it is a question of the orchestrator itself, about what the worker left behind. */
  z.strictObject({
    type: z.literal('permission.requested'),
    attempt: attemptId,
    bytes: bytes.optional(),
    request: z.string(),
    tool: z.string(),
    summary: z.string(),
  }),
  z.strictObject({
    type: z.literal('permission.decided'),
    attempt: attemptId,
    request: z.string(),
    behavior: z.enum(['allow', 'deny']),
    by: z.enum(['policy', 'person']),
    reason: z.string(),
  }),
  /** What the worker left behind, as a commit on the attempt's base. */
  z.strictObject({
    type: z.literal('attempt.captured'),
    attempt: attemptId,
    turn: z.int().min(1),
    commit,
    tree: commit,
    files: z.array(changedFileSchema),
    session: archivedSessionSchema.optional(),
    /** What is too large to be taken: it is not in the commit. */
    oversized: oversizedSchema.optional(),
  }),
  /**
   * An attempt without a worker: the result of an earlier one is taken over, with its files on this attempt's base. It
   * is validated and merged like any other.
   */
  z.strictObject({
    type: z.literal('attempt.carried'),
    attempt: attemptId,
    subtask: subtaskIdSchema,
    number: z.int().min(1),
    base: commit,
    why: z.enum(['restored', 'reused', 'person']),
    from: z.strictObject({ run: z.string(), attempt: attemptId }),
    /** Content key, of what is re-used. */
    key: z.string().optional(),
    turn: z.int().min(1),
    /** How often findings had been sent back. */
    iterations: z.int().min(0),
    commit,
    tree: commit,
    files: z.array(changedFileSchema),
    session: archivedSessionSchema.optional(),
    oversized: oversizedSchema.optional(),
    /** Files that a person resolved a conflict in. */
    conflicts: z.array(z.string()).optional(),
  }),
  /** A carried result that was accepted can't be merged after all: the subtask is done afresh. */
  z.strictObject({ type: z.literal('attempt.dropped'), attempt: attemptId, reason: z.string() }),
  z.strictObject({
    type: z.literal('attempt.validated'),
    attempt: attemptId,
    turn: z.int().min(1),
    commit,
    verdict: z.enum(['passed', 'failed', 'incomplete']),
    /** Only files with findings. */
    files: z.array(fileReportSchema),
    evidence: z.array(evidenceSchema),
  }),
  /** Intent: the findings go back to the worker as the next message of its session. */
  z.strictObject({ type: z.literal('attempt.sent-back'), attempt: attemptId, turn: z.int().min(1) }),
  z.strictObject({
    type: z.literal('attempt.ended'),
    attempt: attemptId,
    exitCode: z.int().nullable(),
    /** `interrupted`: the supervisor was lost, with the machine or by a kill; no retry is counted for it. */
    outcome: z.enum(['accepted', 'rejected', 'infrastructure', 'interrupted', 'cancelled']),
    detail: z.string(),
  }),
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
  /** Branch, index and files are what they were before. */
  z.strictObject({ type: z.literal('apply.undone'), branch: z.string(), from: commit, to: commit }),
]);

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
export type ChangedFile = z.infer<typeof changedFileSchema>;
