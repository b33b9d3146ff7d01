import * as z from 'zod';
import { OrchestratorError } from '../core/model/error.ts';

/** Argument of `orchestrateTask`: without a task the person is asked for it. */
const orderSchema = z.strictObject({
  task: z.string().trim().min(1).optional(),
  /** Absolute path of a folder in the workspace. */
  folder: z.string().min(1).optional(),
});

export type Order = z.infer<typeof orderSchema>;

/** What a command is about. The nodes of the Runs view have these fields too. */
const targetSchema = z.object({
  run: z.string(),
  subtask: z.string().optional(),
  attempt: z.string().optional(),
  /** Id of a checkpoint in the run. */
  checkpoint: z.string().optional(),
  /** Id of a question that waits for the person. */
  request: z.string().optional(),
});

export type Target = z.infer<typeof targetSchema>;

/** Throws `wrong-use` for anything but an order; none at all is an empty one. */
export function parseOrder(argument: unknown): Order {
  const parsed = orderSchema.safeParse(argument ?? {});
  if (parsed.success) return parsed.data;
  throw new OrchestratorError('wrong-use', 'The command takes { task?: string, folder?: string }.');
}

/** What a command was called on; undefined when it was called on nothing. Throws `wrong-use` for anything else. */
export function parseTarget(argument: unknown): Target | undefined {
  if (argument === undefined || argument === null) return undefined;
  const parsed = targetSchema.safeParse(argument);
  if (parsed.success) return parsed.data;
  throw new OrchestratorError(
    'wrong-use',
    'The command takes { run: string, attempt?: string, checkpoint?: string, request?: string }.',
  );
}
