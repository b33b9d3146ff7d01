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

/**
 * The session that an attempt goes on with whose result came back: the archived one where there is one, since the CLI
 * forgets a session with its folder. Undefined once going on with it has failed: a new one then gets the whole story.
 */
export async function returnedSession(
  context: RunContext,
  subtask: string,
  attempt: string,
  next: string,
): Promise<{ readonly resume: string; readonly fork: boolean } | undefined> {
  const run = context.journal.state;
  const later = (run.subtasks.get(subtask)?.attempts ?? []).flatMap((id) => run.attempts.get(id) ?? []);
  if (later.some(({ continues, lastTurn }) => continues === attempt && lastTurn?.failure === 'other')) return undefined;
  const known = run.attempts.get(attempt);
  const archived = known?.carried?.session ?? run.checkpoints.get(`${attempt}/${known?.captured?.turn ?? 0}`)?.session;
  const file = archived && (await context.sessions.bringBack(archived, next));
  if (file !== undefined) return { resume: file, fork: true };
  return known?.session === undefined ? undefined : { resume: known.session, fork: false };
}
