// A supervisor starts for every worker: all of zod would be half of its start.
import * as z from 'zod/mini';

/**
 * The files of one attempt, the only way between the orchestrator and a supervisor:
 * `spec.json` and `control.ndjson` go in, `claim.json`, `stream.ndjson`, `stderr.log` and `exit.json` come out.
 * The version lets an old supervisor and a new extension tell that they do not understand each other.
 */
export const ATTEMPT_FILES = {
  spec: 'spec.json',
  claim: 'claim.json',
  stream: 'stream.ndjson',
  control: 'control.ndjson',
  stderr: 'stderr.log',
  exit: 'exit.json',
} as const;

/** Environment variable that marks every descendant of a worker, so that none is left behind. */
export const ATTEMPT_MARKER = 'CLAUDE_ORCHESTRATOR_ATTEMPT';

export const attemptSpecSchema = z.object({
  version: z.literal(1),
  attempt: z.string(),
  /** One line that a person sees first in the terminal. */
  title: z.string(),
  /** Absolute path of the executable, never a shell line. */
  command: z.string(),
  args: z.array(z.string()),
  cwd: z.string(),
  /** The first message, sent by stdin. */
  prompt: z.string(),
  /** Names taken over from the supervisor's own environment; values never lie in this file. */
  environmentNames: z.array(z.string()),
  /** Further variables, none of them secret. */
  environment: z.record(z.string(), z.string()),
  /** Wall time the worker may use while nobody is being asked, in milliseconds. */
  deadlineMs: z.number().check(z.positive()),
  /** How long a worker whose turn has ended stays open for a next message, in milliseconds. */
  idleMs: z.number().check(z.positive()),
});

/** Who a process is: a pid alone is re-used. */
export const processIdentitySchema = z.object({
  pid: z.int().check(z.positive()),
  /** Start time as the system tells it, opaque; empty where it can't be read. */
  startTime: z.string(),
  bootId: z.string(),
  host: z.string(),
});

export const attemptClaimSchema = z.object({
  version: z.literal(1),
  /** `supervisor` runs the attempt, `abandoned` means that a resumer took it away before it started. */
  by: z.enum(['supervisor', 'abandoned']),
  owner: processIdentitySchema,
  claimedAt: z.number(),
});

/** Lines of `control.ndjson`. Each is obeyed once, however often its id appears. */
export const controlLineSchema = z.discriminatedUnion('type', [
  z.object({ id: z.string(), type: z.literal('message'), text: z.string() }),
  z.object({
    id: z.string(),
    type: z.literal('permission'),
    requestId: z.string(),
    decision: z.discriminatedUnion('behavior', [
      z.object({ behavior: z.literal('allow'), updatedInput: z.record(z.string(), z.unknown()) }),
      z.object({ behavior: z.literal('deny'), message: z.string() }),
    ]),
  }),
  /** No more messages will come: let the worker end by itself. */
  z.object({ id: z.string(), type: z.literal('finish') }),
  /** End the turn that goes on, so that its figures come; what it has done stays. */
  z.object({ id: z.string(), type: z.literal('interrupt') }),
  /** End the whole process tree now. */
  z.object({ id: z.string(), type: z.literal('cancel') }),
  z.object({ id: z.string(), type: z.literal('deadline'), deadlineMs: z.number().check(z.positive()) }),
]);

export const attemptExitSchema = z.object({
  version: z.literal(1),
  /** Exit code of the worker; null when a signal ended it or it never started. */
  code: z.nullable(z.int()),
  signal: z.nullable(z.string()),
  /** Why it ended, as the supervisor knows it; `lost` is what a reader says when the supervisor is gone without a word. */
  reason: z.enum(['exited', 'cancelled', 'deadline', 'not-started', 'lost']),
  message: z.string(),
  startedAt: z.number(),
  endedAt: z.number(),
});

export type AttemptSpec = z.infer<typeof attemptSpecSchema>;
export type ProcessIdentity = z.infer<typeof processIdentitySchema>;
export type AttemptClaim = z.infer<typeof attemptClaimSchema>;
export type ControlLine = z.infer<typeof controlLineSchema>;
export type PermissionDecision = Extract<ControlLine, { type: 'permission' }>['decision'];
export type AttemptExit = z.infer<typeof attemptExitSchema>;
