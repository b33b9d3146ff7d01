import * as z from 'zod';

/**
 * `CREATED`: planned, not begun. `ACTIVE`: in work. `RESTORED`: it was reached in the run that this one was restored
 * from, and is not done again.
 */
export type CheckpointState = 'CREATED' | 'ACTIVE' | 'COMPLETED' | 'FAILED' | 'RESTORED';

export const archivedSessionSchema = z.strictObject({
  /** Id of the session in the CLI. */
  session: z.string(),
  /** The assistant message at which it is forked. */
  message: z.string(),
  /** SHA-256 of the archived session, which is its name in the run's folder. */
  archive: z.string().regex(/^[0-9a-f]{64}$/),
  /** On disk. */
  bytes: z.int().min(0),
});

/** A CLI session as it was at a checkpoint. */
export type ArchivedSession = z.infer<typeof archivedSessionSchema>;

/** Whatever is worth remembering at a checkpoint. */
export const checkpointDataSchema = z.record(
  z.string().max(100),
  z.union([z.string().max(2_000), z.number(), z.boolean(), z.null()]),
);
export type CheckpointData = z.infer<typeof checkpointDataSchema>;

/**
 * A named place in a run, as the journal tells it. State, position and commit move on until it is completed or has
 * failed.
 */
export interface CheckpointRecord {
  /** In its run: a subtask's id, `ATTEMPT/TURN` for a turn of a worker, `@NAME` for a named one. */
  readonly id: string;
  readonly kind: 'subtask' | 'step';
  /** Id of the one above it; empty: the run. */
  readonly parent: string;
  readonly title: string;
  readonly state: CheckpointState;
  /** Why it failed, for a person. */
  readonly reason: string | undefined;
  /** Journal position: what a restore brings back is the run right after this event. */
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** What the files were. */
  readonly commit: string | undefined;
  readonly session: ArchivedSession | undefined;
  readonly step: number;
  readonly of: number;
  /** How many subtasks were merged then. */
  readonly merged: number;
  readonly data: CheckpointData;
  /** The attempt that worked then. */
  readonly worker: string | undefined;
}
