import type { RunContext } from '../context.ts';
import type { ChangedFile } from '../model/event-fields.ts';
import type { Evidence, FileReport } from '../model/findings.ts';
import type { Subtask } from '../model/plan.ts';
import { tidyPath } from '../model/relative-path.ts';
import { oversizedFiles } from '../model/result-size.ts';
import type { Verdict } from '../model/run.ts';
import { checkCapturedFiles } from './captured-files.ts';
import { languageOf } from './language.ts';
import { oversizedReports } from './oversized.ts';
import { missingFiles } from './promised-files.ts';

export interface Validation {
  readonly verdict: Verdict;
  /** Only files with findings. */
  readonly files: readonly FileReport[];
  readonly evidence: readonly Evidence[];
}

/**
 * Validates at BASIC level what changed in a git tree: the syntax of each changed file as it is in that very tree, that
 * the files are where and what they may be, and that the promised ones are there.
 */
export async function validateTree(
  context: RunContext,
  tree: string,
  changed: readonly ChangedFile[],
  subtask: Subtask,
  signal: AbortSignal,
): Promise<Validation> {
  const startedAt = context.clock.now();
  const paths = changed.filter(({ change }) => change !== 'deleted').map(({ path }) => path);
  const entries = await context.repository.entries(
    tree,
    [...new Set([...paths, ...subtask.produces.map(tidyPath)])],
    signal,
  );
  const oversized = oversizedFiles(paths.map((path) => ({ path, bytes: entries.get(path)?.bytes ?? 0 })));
  const unread = new Set(oversized?.files.map(({ path }) => path));
  const readable = paths.filter((path) => languageOf(path) !== null && !unread.has(path));
  const contents = await context.repository.readFiles(tree, readable, signal);
  const reports = await context.checkSyntax(contents, signal);
  const present = [...entries].filter(([, { kind }]) => kind === 'file').map(([path]) => path);
  const missing = missingFiles(subtask.produces, new Set(present));
  const misplaced = [...checkCapturedFiles(changed, entries, subtask), ...oversizedReports(oversized)];
  const files = [...reports, ...misplaced, ...missing].filter(
    ({ findings, status }) => findings.length > 0 || status === 'failed',
  );
  const durationMs = context.clock.now() - startedAt;
  const syntaxFailed = reports.some(({ status }) => status === 'failed');
  // A file of a known language that no parser looked at proves nothing.
  const unchecked = reports.some(({ status, language }) => status === 'skipped' && language !== null);
  const failed = syntaxFailed || missing.length > 0 || misplaced.length > 0;
  return {
    verdict: failed ? 'failed' : unchecked ? 'incomplete' : 'passed',
    files,
    evidence: [
      { check: 'basic/syntax', tree, outcome: syntaxFailed || unchecked ? 'failed' : 'passed', durationMs },
      { check: 'basic/changed-files', tree, outcome: misplaced.length > 0 ? 'failed' : 'passed', durationMs },
      { check: 'basic/promised-files', tree, outcome: missing.length > 0 ? 'failed' : 'passed', durationMs },
    ],
  };
}
