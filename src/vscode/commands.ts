import * as z from 'zod';

/** Every command of the manifest, without its prefix. Registration and the manifest are both checked against this. */
export const COMMANDS = [
  'orchestrateTask',
  'cancelRun',
  'openTerminal',
  'openDiff',
  'applyRun',
  'openPlan',
  'openJournal',
  'showRuns',
  'showLog',
  'openConfiguration',
  'doctor',
  'pauseAll',
  'resumeAll',
  'discardRun',
  'cleanUp',
  'approvePlan',
  'rejectPlan',
  'allowPermission',
  'denyPermission',
  'showQuestion',
] as const;

export type CommandName = (typeof COMMANDS)[number];

/** `argument` comes from a menu, a keybinding or another extension: it is parsed before use. */
export type CommandHandlers = Readonly<Record<CommandName, (argument: unknown) => unknown>>;

export const commandId = (name: CommandName): string => `claudeOrchestrator.${name}`;

/** Argument of `orchestrateTask`: without a task the person is asked for it. */
export const orderSchema = z.strictObject({
  task: z.string().trim().min(1).optional(),
  /** Absolute path of a folder in the workspace. */
  folder: z.string().min(1).optional(),
});

export type Order = z.infer<typeof orderSchema>;

/** What `orchestrateTask` returns once the run has ended. */
export interface OrchestratedRun {
  readonly run: string;
  readonly status: string;
  readonly detail: string | null;
  readonly costUsd: number;
  /** Whether the result is on the person's branch by now. */
  readonly applied: boolean;
}

/** What a command is about. The nodes of the Runs view have these fields too. */
export const targetSchema = z.object({
  run: z.string(),
  subtask: z.string().optional(),
  attempt: z.string().optional(),
  /** Id of a question that waits for the person. */
  request: z.string().optional(),
});

export type Target = z.infer<typeof targetSchema>;
