import type { RunPorts } from './context.ts';
import type { AttemptState } from './model/run.ts';
import type { WorkerSeen } from './ports/workers.ts';

const MINUTE = 60_000;

/**
 * Tells the journal for how long nobody worked since the run was last driven: a machine that was shut down on Friday has
 * not worked until Monday. Whoever takes a run over does this before all else. A worker that went on alone has worked,
 * until it ended or until now; but never longer than its whole deadline, since its supervisor, which knows how long the
 * machine slept and somebody was asked, would have ended it. One that was lost may have been gone at once.
 * Resolves with the moment until which that is told, in milliseconds since 1970.
 */
export async function passOverAbsence({
  journal,
  workers,
  clock,
}: Pick<RunPorts, 'journal' | 'workers' | 'clock'>): Promise<number> {
  const { workingSince, drivenAt, attempts, settings } = journal.state;
  if (workingSince === undefined) return clock.now();
  const open = [...attempts.values()].filter(({ ended }) => !ended);
  const seen = await Promise.all(open.map(({ id }) => workers.look(id)));
  const now = clock.now();
  const gapMs = now - drivenAt;
  const slept = new Map(
    open.map((attempt, index) => {
      const mostMs = Math.min(gapMs, attempt.budgetMs ?? settings.attemptMinutes * MINUTE);
      return [attempt.id, gapMs - Math.max(0, Math.min(workedMs(attempt, seen[index], drivenAt, now), mostMs))];
    }),
  );
  // The run has worked for as long as one of them has.
  const ms = Math.min(...slept.values());
  const longer = [...slept].filter(([, own]) => own !== ms);
  const each = longer.length === 0 ? {} : { each: Object.fromEntries(longer) };
  // Where it is none too: the run is driven from now on.
  await journal.record({ type: 'run.slept', ms, ...each });
  return now;
}

/** How long its worker has worked between the two; less than none where the clock was set back. */
function workedMs({ carried }: AttemptState, seen: WorkerSeen | undefined, from: number, until: number): number {
  if (carried || !seen) return 0;
  // The machine may have slept between an intent and its effect.
  const since = Math.max(from, seen.startedAt ?? from);
  return (seen.lives ? until : (seen.endedAt ?? since)) - since;
}
