import * as z from 'zod';

/** What a set-up has made in a worktree, as far as the next one to work there may have it. */
export const setUpResultsSchema = z.object({
  /** What the set-up was made of: its commands and the files that say what to install. */
  inputs: z.string(),
  /** The commands themselves. */
  commands: z.array(z.array(z.string())),
  /** Files below folders that work at any path: path → what tells it from any other file. */
  files: z.record(z.string(), z.string()),
  /** Those folders, relative to the worktree, without "/" at the end. */
  folders: z.array(z.string()),
});

export type SetUpResults = z.infer<typeof setUpResultsSchema>;
