/** Every command of the manifest, without its prefix. Registration and the manifest are both checked against this. */
export const COMMANDS = [
  'orchestrateTask',
  'cancelRun',
  'openTerminal',
  'openDiff',
  'applyRun',
  'undoRun',
  'openPlan',
  'openJournal',
  'showRuns',
  'showLog',
  'openConfiguration',
  'doctor',
  'makeRepository',
  'pauseAll',
  'resumeAll',
  'pause',
  'unpause',
  'skip',
  'retry',
  'pin',
  'unpin',
  'editSubtask',
  'addSubtask',
  'splitSubtask',
  'remove',
  'restoreCheckpoint',
  'discardRun',
  'cleanUp',
  'approvePlan',
  'rejectPlan',
  'allowPermission',
  'denyPermission',
  'openConflict',
  'useResolution',
  'giveUpConflict',
  'showQuestion',
] as const;

export type CommandName = (typeof COMMANDS)[number];

/** `argument` comes from a menu, a keybinding or another extension: it is parsed before use. */
export type CommandHandlers = Readonly<Record<CommandName, (argument: unknown) => unknown>>;

export const commandId = (name: CommandName): string => `claudeOrchestrator.${name}`;

/** What `orchestrateTask` returns once the run has ended. */
export interface OrchestratedRun {
  readonly run: string;
  readonly status: string;
  readonly detail: string | null;
  readonly costUsd: number;
  /** Whether the result is on the person's branch by now. */
  readonly applied: boolean;
}
