/** Prefix of the product's settings in VS Code. */
export const SECTION = 'claudeOrchestrator';
