import type { Finding } from '../core/model/findings.ts';
import type { RunState } from '../core/model/run.ts';

export interface OpenFinding {
  readonly subtask: string;
  /** Relative to the repository, "/" between folders. */
  readonly path: string;
  /** The work that was checked. */
  readonly commit: string;
  readonly finding: Finding;
}

/** Findings of the last check of each subtask's last attempt, as long as it has not passed and was not cancelled. */
export function openFindings(run: RunState): readonly OpenFinding[] {
  return [...run.subtasks.values()].flatMap(({ subtask, attempts }) => {
    const attempt = run.attempts.get(attempts.at(-1) ?? '');
    if (!attempt?.validated || !attempt.captured || attempt.validated.verdict === 'passed') return [];
    if (attempt.ended?.outcome === 'cancelled') return [];
    const { commit } = attempt.captured;
    return attempt.validated.files.flatMap(({ path, findings }) =>
      findings.map((finding) => ({ subtask: subtask.id, path, commit, finding })),
    );
  });
}
