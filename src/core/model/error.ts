/** Every error a person can meet has one of these codes; texts may change, codes do not. */
export type ErrorCode =
  | 'wrong-use'
  | 'bad-plan'
  | 'bad-configuration'
  | 'no-folder'
  | 'not-a-repository'
  | 'no-commits'
  | 'git-missing'
  | 'git-too-old'
  | 'git-failed'
  | 'worktree-failed'
  | 'setup-failed'
  | 'claude-missing'
  | 'claude-failed'
  | 'planner-failed'
  | 'state-unwritable'
  | 'repository-owned'
  | 'run-not-found'
  | 'journal-damaged'
  | 'journal-newer'
  | 'journal-failed'
  | 'apply-blocked'
  | 'nothing-to-apply'
  | 'undo-blocked'
  | 'file-unreadable'
  | 'waits-for-person'
  | 'cancelled'
  | 'internal';

/** Bundles have a copy of this class each, so that `instanceof` asks for this mark. */
const MARK = Symbol.for('claude-orchestrator.error');

/** An error with a code, a cause and what the person can do about it. */
export class OrchestratorError extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && MARK in value;
  }

  readonly [MARK] = true;
  readonly code: ErrorCode;
  /** What to do next, one sentence. */
  readonly fix: string | undefined;

  constructor(code: ErrorCode, message: string, options: { fix?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'OrchestratorError';
    this.code = code;
    this.fix = options.fix;
  }
}

/** One text for a person: what happened, then what to do. */
export function explain(error: unknown): string {
  if (error instanceof OrchestratorError) return error.fix ? `${error.message} ${error.fix}` : error.message;
  return error instanceof Error ? error.message : String(error);
}
