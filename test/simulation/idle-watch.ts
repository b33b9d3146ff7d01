import { isInWork, isSatisfied, type RunState, type SubtaskState } from '../../src/core/model/run.ts';
import { scopesOverlap, writableBy } from '../../src/core/model/scope.ts';
import { waitingFor } from '../../src/core/scheduling/waiting.ts';
import type { Lock } from './lock.ts';

/** Looking more often would only cost time. */
const LOOK_MS = 15_000;
/** A launch that nothing stands in the way of is in the journal after this at the latest. */
export const IDLE_MS = 120_000;

/** What can keep an owner from starting what is ready, besides what the journal says. */
export interface Idle {
  readonly now: number;
  readonly wallClock: number;
  readonly freeMb: number | undefined;
  readonly lock: Lock | undefined;
  /** When the owner had read the journal, stood still last, last launched something, or the wall clock jumped. */
  readonly busyAt: number;
  /** When somebody last waited for room on the disk, which may take as long as a worker does. */
  readonly noRoomAt: number;
  /** Until when subtasks wait at most after a failure. */
  readonly backedOff: ReadonlyMap<string, number>;
  /** Whether nobody, or one worker alone, may ask the API. */
  readonly isQuiet: boolean;
  /** Whether the worker of an attempt lives. */
  readonly isLive: (attempt: string) => boolean;
}

/** Notices a run of which nothing stands in the way of a subtask, and nobody starts it. */
export class IdleWatch {
  #lookedAt = 0;
  #since: number | undefined;

  /** How it stands idle in vain, for a report; undefined when it does not. */
  look(run: RunState | undefined, idle: Idle): string | undefined {
    const { now, lock } = idle;
    if (now - this.#lookedAt < LOOK_MS) return undefined;
    this.#lookedAt = now;
    const isOwned = lock?.owner.alive && !lock.released && lock.since > idle.noRoomAt;
    const what = run && isOwned ? (unending(run, idle) ?? startable(run, idle)) : undefined;
    if (what === undefined) {
      this.#since = undefined;
      return undefined;
    }
    this.#since ??= now;
    const since = Math.max(this.#since, idle.busyAt, lock?.owner.frozenUntil ?? 0);
    if (now - since <= IDLE_MS) return undefined;
    return `${what} for ${Math.round((now - since) / 1_000)} s`;
  }
}

/** A worker that a person wants ended. */
function unending(run: RunState, { isLive }: Idle): string | undefined {
  const found = [...run.attempts.values()].find(({ id, ending, ended }) => ending && !ended && isLive(id));
  return found && `the worker of ${found.id} was to be ended`;
}

/** A subtask that waits for nothing. */
function startable(run: RunState, idle: Idle): string | undefined {
  const { wallClock, freeMb } = idle;
  if (!run.approved || run.endedAt !== undefined) return undefined;
  const id = [...run.ready].find((one) => waitingFor(run, one, { now: wallClock, freeMb }) === undefined);
  if (id !== undefined) return `${id} could start`;
  const free = [...run.subtasks.values()].find((one) => isFree(run, one, idle));
  if (!free) return undefined;
  const reason = waitingFor(run, free.subtask.id, { now: wallClock, freeMb })?.reason;
  return `${free.subtask.id} could start, though "${reason}"`;
}

/** Whether nothing stands in the way, whatever the product says: where that is plain. */
function isFree(run: RunState, { subtask, status, paused, backOff }: SubtaskState, idle: Idle): boolean {
  const { now, wallClock, freeMb, isQuiet, backedOff } = idle;
  const { settings, workedMs, workingSince = wallClock } = run;
  if (status !== 'waiting' || paused || run.paused || run.cancelling || run.pinned.size > 0 || isQuiet) return false;
  if (backOff && now < (backedOff.get(subtask.id) ?? Number.POSITIVE_INFINITY)) return false;
  if (!subtask.dependsOn.every((id) => isSatisfied(run.subtasks.get(id)?.status))) return false;
  const others = [...run.subtasks.values()].filter((other) => isInWork(other.status));
  const working = others.filter((other) => other.status !== 'integrating').length;
  if (working >= settings.concurrency || (working > 0 && freeMb !== undefined)) return false;
  if (others.some((other) => scopesOverlap(writableBy(other.subtask), writableBy(subtask)))) return false;
  const shares = Math.min(settings.concurrency, run.subtasks.size);
  const minutes = (workedMs + Math.max(0, wallClock - workingSince)) / 60_000;
  return (
    subtask.budget === undefined &&
    run.committedUsd <= settings.maxCostUsd * (1 - 1 / shares) &&
    run.committedTokens <= settings.maxTokens * (1 - 1 / shares) &&
    minutes + settings.attemptMinutes <= settings.maxMinutes
  );
}
