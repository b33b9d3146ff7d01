import type { RunContext } from '../context.ts';
import type { ArchivedSession } from '../model/checkpoint.ts';
import type { AttemptState, RunState } from '../model/run.ts';

/** What an attempt goes on from instead of starting afresh. */
export interface Continuation {
  /** A carried attempt whose result was not accepted, or one that was broken off or lost after a turn. */
  readonly before: AttemptState;
  /** The files as its worker left them after its last turn. */
  readonly commit: string;
  /** File that its session is forked from, and the message there; without one all of it. */
  readonly file: string;
  readonly message: string | undefined;
}

/** What the next attempt at a subtask goes on from; undefined when it starts afresh on `base`. */
export async function continuation(
  context: RunContext,
  subtask: string,
  attempt: string,
  base: string,
  signal: AbortSignal,
): Promise<Continuation | undefined> {
  const { repository } = context;
  const run = context.journal.state;
  const before = resumable(run, subtask);
  const { captured } = before ?? {};
  const session = before && sessionOf(run, before);
  if (!before || !captured || !session) return undefined;
  // What it builds on may have been changed by a person meanwhile.
  const [now, then] = await Promise.all([repository.treeOf(base, signal), repository.treeOf(before.base, signal)]);
  if (before.carried === undefined && now !== then) return undefined;
  const file = await context.sessions.bringBack(session, attempt);
  const message = before.carried ? session.message : undefined;
  return file === undefined ? undefined : { before, commit: captured.commit, file, message };
}

/**
 * The last attempt, or where that was lost before a turn of its own was captured, the one that it went on with. Only
 * where it was lost: where it fails as well, the session may be why.
 */
function resumable(run: RunState, subtask: string): AttemptState | undefined {
  let last = run.attempts.get(run.subtasks.get(subtask)?.attempts.at(-1) ?? '');
  while (last?.ended?.outcome === 'interrupted' && !last.captured) last = run.attempts.get(last.continues ?? '');
  if (last?.ended?.outcome !== 'interrupted') return undefined;
  // A restored result that nobody judged was none yet: its worker was broken off there.
  return last.carried === undefined || last.carried.why === 'restored' ? last : undefined;
}

/** The archived session after the last turn that was captured. */
function sessionOf(run: RunState, { id, carried, captured }: AttemptState): ArchivedSession | undefined {
  return carried?.session ?? run.checkpoints.get(`${id}/${captured?.turn ?? 0}`)?.session;
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
  const archived = known && sessionOf(run, known);
  const file = archived && (await context.sessions.bringBack(archived, next));
  if (file !== undefined) return { resume: file, fork: true };
  return known?.session === undefined ? undefined : { resume: known.session, fork: false };
}
