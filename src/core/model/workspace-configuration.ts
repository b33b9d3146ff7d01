import * as z from 'zod';
import { configuredCheckSchema, listOf } from './checks.ts';
import { runSettingsSchema } from './settings.ts';

const {
  concurrency,
  maxCostUsd,
  maxTokens,
  maxMinutes,
  qualityIterations,
  infrastructureRetries,
  attemptMinutes,
  attemptCostUsd,
  attemptTokens,
  model,
  checkCommands,
  reuse,
} = runSettingsSchema.shape;
const { diskQuotaGb, checkpointDays, checkpointMegabytes } = runSettingsSchema.shape;
const { setupCommands, setupMinutes, copyFolders } = runSettingsSchema.shape;

/**
 * What a repository may decide for those who work on it. Not what reaches a worker from the person's own machine
 * (environment, Claude settings): a repository is data, and its word on these would be an attack.
 */
export const workspaceConfigurationSchema = z.strictObject({
  $schema: z.string().optional(),
  concurrency: concurrency.unwrap().optional().describe('Workers at the same time.'),
  maxCostUsd: maxCostUsd
    .unwrap()
    .optional()
    .describe('Spending cap of a run in US dollars. It can lower what the person allows, never raise it.'),
  maxTokens: maxTokens
    .unwrap()
    .optional()
    .describe(
      'Token cap of a run, tokens read from the prompt cache aside. It can lower what the person allows, never raise it.',
    ),
  maxMinutes: maxMinutes
    .unwrap()
    .optional()
    .describe(
      'Cap of the minutes in which workers of a run work. It can lower what the person allows, never raise it.',
    ),
  qualityIterations: qualityIterations
    .unwrap()
    .optional()
    .describe('How often a rejected result goes back to its worker.'),
  infrastructureRetries: infrastructureRetries
    .unwrap()
    .optional()
    .describe('Further attempts after failures that say nothing about the work, such as an overloaded API.'),
  attemptMinutes: attemptMinutes.unwrap().optional().describe('Wall time of one attempt in minutes.'),
  attemptCostUsd: attemptCostUsd
    .unwrap()
    .optional()
    .describe('What one attempt may spend in US dollars. It can lower what the person allows, never raise it.'),
  attemptTokens: attemptTokens
    .unwrap()
    .optional()
    .describe('What one attempt may use in tokens. It can lower what the person allows, never raise it.'),
  model: model.unwrap().optional().describe('Name or alias of the model.'),
  reuse: reuse
    .unwrap()
    .optional()
    .describe('Whether results of earlier runs are taken where all that they rest on is the same.'),
  checkCommands: checkCommands
    .unwrap()
    .optional()
    .describe('Commands that a worker may run without asking. The approval of a run shows them.'),
  checks: listOf(configuredCheckSchema)
    .nullable()
    .optional()
    .describe(
      "The project's own commands that must pass on everything that is merged. [] for none; null: those found in the repository. The approval of a run shows them.",
    ),
  setupCommands: setupCommands
    .unwrap()
    .optional()
    .describe(
      'Commands that make a new worktree ready, as argument arrays; null: found by the lock files. The approval of a run shows them.',
    ),
  setupMinutes: setupMinutes.unwrap().optional().describe('Wall time of the set-up of one worktree in minutes.'),
  copyFolders: copyFolders
    .unwrap()
    .optional()
    .describe('Folders of the repository of which every worktree gets a copy, such as node_modules.'),
  diskQuotaGb: diskQuotaGb
    .unwrap()
    .optional()
    .describe(
      'Gigabytes of the disk that everything kept for the repository may use. It can lower what the person allows.',
    ),
  checkpointDays: checkpointDays
    .unwrap()
    .optional()
    .describe('How long checkpoints of a run are kept after it, in days. It can lower what the person wants.'),
  checkpointMegabytes: checkpointMegabytes
    .unwrap()
    .optional()
    .describe('Megabytes of archived sessions above which the oldest go sooner. It can lower what the person wants.'),
});

export type WorkspaceConfiguration = z.infer<typeof workspaceConfigurationSchema>;
