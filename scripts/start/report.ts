import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ATTEMPT_FILES } from '../../src/core/model/attempt-files.ts';
import { parseFrame } from '../../src/core/model/frames.ts';
import type { RunState } from '../../src/core/model/run.ts';
import { attemptFolder, type StatePaths } from '../../src/node/state/paths.ts';

/** What `--json` prints; every figure was read from the run itself. */
export interface StartReport {
  /** Validated and merged to the branch. */
  readonly ok: boolean;
  readonly vscode: string;
  readonly claude: string;
  /** How many subtasks the plan has. */
  readonly plan: { readonly subtasks: number };
  readonly attempts: readonly {
    readonly subtask: string;
    readonly exit: number | null;
    readonly verdict: string | null;
    readonly wallMs: number | null;
  }[];
  /** How many files the merged commit changed. */
  readonly merged: { readonly files: number };
  readonly costUsd: number;
  readonly wallMs: number;
  readonly setupMs: number;
}

/** Version that the first worker said of itself; empty when no worker spoke. */
export function claudeVersion(paths: StatePaths, run: RunState): string {
  for (const id of run.attempts.keys()) {
    const stream = readFileSync(join(attemptFolder(paths, run.id, id), ATTEMPT_FILES.stream), 'utf8');
    for (const line of stream.split('\n')) {
      const frame = parseFrame(line);
      if (frame?.type === 'system' && frame.subtype === 'init') return frame.claude_code_version;
    }
  }
  return '';
}

/** Attempts of subtasks, in the order of their start; the planner is none. */
export function attemptRows(run: RunState): StartReport['attempts'] {
  return [...run.attempts.values()].flatMap(({ subtask, ended, validated, startedAt }) =>
    subtask === null
      ? []
      : [
          {
            subtask,
            exit: ended?.exitCode ?? null,
            verdict: validated?.verdict ?? null,
            wallMs: ended ? ended.at - startedAt : null,
          },
        ],
  );
}
