import * as z from 'zod';
import { checkSchema, listOf } from './checks.ts';

/** What a run is done with. Every default is one of the product's settings. */
export const runSettingsSchema = z.strictObject({
  /** Workers at the same time. */
  concurrency: z.int().min(1).max(64).default(3),
  /** Spending cap of a run in US dollars: no launch beyond it. */
  maxCostUsd: z.number().positive().default(5),
  /** The same in tokens, those read from the prompt cache aside: on a subscription nothing costs dollars. */
  maxTokens: z.int().positive().default(2_000_000),
  /** The same in minutes in which workers of the run work: a day. */
  maxMinutes: z.number().positive().max(10_080).default(1440),
  /**
   * Memory that must be free for one more worker while others run, in MB; 0: that is not asked. The default
   * is what the real CLI takes at its peak (278 MB after 80 tool calls), its supervisor (50 MB) and a little for commands.
   */
  workerMemoryMb: z.int().min(0).max(1_000_000).default(400),
  /** How often a rejected result goes back to its worker with the findings. */
  qualityIterations: z.int().min(0).max(10).default(3),
  /** Further attempts after failures that say nothing about the work: an overloaded API, a lost connection, a crash. */
  infrastructureRetries: z.int().min(0).max(10).default(3),
  /** Wall time of one attempt in minutes, while nobody is being asked. */
  attemptMinutes: z.number().positive().max(1440).default(60),
  /** What one attempt may use in US dollars; null: whatever the run and the subtask have left. */
  attemptCostUsd: z.number().positive().nullable().default(null),
  /** The same in tokens. */
  attemptTokens: z.int().positive().nullable().default(null),
  /**
   * `strict`: an intent is on disk before its effect starts. `relaxed`: it is written right away and synced behind, so a
   * power cut can take what a worker began with it.
   */
  durability: z.enum(['strict', 'relaxed']).default('strict'),
  /** Name or alias of the model; empty: what the CLI chooses. */
  model: z.string().default(''),
  /** Commands that a worker may run without asking, each compared as a whole. */
  checkCommands: z.array(z.string().min(1)).default([]),
  /** Whether results of earlier runs are taken where all that they rest on is the same; they are checked again. */
  reuse: z.boolean().default(true),
  /** The project's checks that merged trees must pass. null: those found in the repository. */
  checks: listOf(checkSchema).nullable().default(null),
  /** What makes a new worktree ready, as argument arrays, run one after the other; null: found by the lock files. */
  setupCommands: z
    .array(z.array(z.string().min(1)).min(1))
    .nullable()
    .default(null),
  /** Wall time of all set-up commands of a worktree together, in minutes. */
  setupMinutes: z.number().positive().max(240).default(15),
  /** Folders of the repository of which every worktree gets a copy, such as `node_modules`. */
  copyFolders: z.array(z.string().min(1)).default([]),
  /** The same, but a link to the person's own folder. */
  linkFolders: z.array(z.string().min(1)).default([]),
  /**
   * Gigabytes of the disk that everything kept for a repository may use. 20: eight workers with 2 GB of files and
   * packages each, and room for what runs have left.
   */
  diskQuotaGb: z.number().positive().default(20),
  /** How long the checkpoints of a run are kept after it, in days, where nothing needs them longer. */
  checkpointDays: z.number().positive().max(3650).default(30),
  /** Above this much of archived sessions the oldest checkpoints go sooner, in megabytes. */
  checkpointMegabytes: z.number().positive().max(1_000_000).default(1_000),
  /** Settings files of Claude that workers read. */
  settingSources: z.array(z.enum(['user', 'project', 'local'])).default(['user']),
  /** Environment variables handed on to workers besides the built-in list. */
  environment: z.array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/)).default([]),
});

export type RunSettings = z.infer<typeof runSettingsSchema>;
