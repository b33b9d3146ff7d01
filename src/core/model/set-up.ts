import type { RunSettings } from './settings.ts';

/** How the worktrees of a run are made ready for work. */
export function worktreeSetUp({ setupCommands, setupMinutes, copyFolders, linkFolders }: RunSettings) {
  return { commands: setupCommands ?? [], minutes: setupMinutes, copyFolders, linkFolders };
}
