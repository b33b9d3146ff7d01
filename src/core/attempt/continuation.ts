import type { RunContext } from '../context.ts';
import type { AttemptState, RunState } from '../model/run.ts';

/** What an attempt goes on from instead of starting afresh. */
export interface Continuation {
  /** A carried attempt whose result was not accepted. */
  readonly carried: AttemptState;
  /** The files as its worker left them. */
  readonly commit: string;
  /** File and message that its session is forked from. */
  readonly file: string;
  readonly message: string;
}

/** What the next attempt at a subtask goes on from; undefined when it starts afresh. */
export async function continuation(
  context: RunContext,
  subtask: string,
  attempt: string,
): Promise<Continuation | undefined> {
  const carried = resumable(context.journal.state, subtask);
  const { captured } = carried ?? {};
  const session = carried?.carried?.session;
  if (!carried || !captured || !session) return undefined;
  const file = await context.sessions.bringBack(session, attempt);
  return file === undefined ? undefined : { carried, commit: captured.commit, file, message: session.message };
}

/** Only the very next attempt: where that fails as well, its session may be why. */
function resumable(run: RunState, subtask: string): AttemptState | undefined {
  const last = run.attempts.get(run.subtasks.get(subtask)?.attempts.at(-1) ?? '');
  const wants = last?.carried?.why === 'restored' && last.validated !== undefined;
  return wants && last.ended?.outcome === 'interrupted' ? last : undefined;
}
