import * as z from 'zod';
import { archivedSessionSchema } from './checkpoint.ts';
import { attemptId, bytes, changedFileSchema, commit, oversizedSchema } from './event-fields.ts';
import { evidenceSchema, fileReportSchema } from './findings.ts';
import { subtaskIdSchema } from './plan.ts';
import { usageSchema } from './usage.ts';

/** What can happen in one attempt, from its launch to its end. */
export const attemptEventSchema = z.discriminatedUnion('type', [
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
  /** The account may not use the API before `until`, milliseconds since 1970. */
  z.strictObject({ type: z.literal('attempt.api-limited'), attempt: attemptId, bytes, until: z.number() }),
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
  /** The policy leaves it to the person, wherever they look. `text` is all that is asked. */
  z.strictObject({ type: z.literal('permission.asked'), attempt: attemptId, request: z.string(), text: z.string() }),
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
    /** Files that a conflict was to be resolved in, by a person or by the worker whose result it is. */
    conflicts: z.array(z.string()).optional(),
    /** Its worker was broken off in this turn: it is no result, the next attempt goes on with it. */
    unfinished: z.literal(true).optional(),
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
    /** Its supervisor went away while the run was driven: something ended it. */
    lost: z.literal(true).optional(),
    /**
     * What it used besides in a turn that was broken off, of which the CLI told no figures: the tokens as its messages
     * say, the dollars an estimate.
     */
    untold: usageSchema.optional(),
  }),
]);
