/** Where a team keeps the configuration, relative to the repository. */
export const WORKSPACE_CONFIGURATION = '.claude-orchestrator/config.jsonc';
