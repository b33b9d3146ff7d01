import { RunFold } from '../../src/core/journal/fold.ts';
import { Journal } from '../../src/core/journal/journal.ts';
import type { RunEvent } from '../../src/core/model/events.ts';
import type { RunState, SubtaskState } from '../../src/core/model/run.ts';
import type { JournalWriter } from '../../src/core/ports/journal-store.ts';
import type { PlantedBug } from './planted-bug.ts';

/** A journal through which the core sees the run as it would with one of the bugs that lie in the core itself. */
export function mutated(journal: Journal, writer: JournalWriter, bug: PlantedBug | undefined): Journal {
  if (bug === 'dependant-before-integration') return new SeenThrough(journal, writer, integratedEarly);
  if (bug === 'reservation-kept-on-crash') return new SeenThrough(journal, writer, keptReservations);
  if (bug === 'outcome-ingested-twice') return new SeenThrough(journal, writer, nothingIngested);
  if (bug === 'intent-after-effect') return new Hasty(journal, writer);
  if (bug === 'retry-counted-early') return new CountingEarly(journal, writer);
  return journal;
}

class SeenThrough extends Journal {
  readonly #inner: Journal;
  readonly #see: (state: RunState) => RunState;

  constructor(inner: Journal, writer: JournalWriter, see: (state: RunState) => RunState) {
    super(writer, new RunFold(), () => undefined);
    this.#inner = inner;
    this.#see = see;
  }

  override get state(): RunState {
    return this.#see(this.#inner.state);
  }

  override record(...events: RunEvent[]): Promise<void> {
    return this.#inner.record(...events);
  }

  override durable(): Promise<void> {
    return this.#inner.durable();
  }

  override until(wanted: (state: RunState) => boolean, signal: AbortSignal): Promise<void> {
    return this.#inner.until(() => wanted(this.state), signal);
  }
}

/** An attempt that never came to start counts as one that failed. */
class CountingEarly extends SeenThrough {
  constructor(inner: Journal, writer: JournalWriter) {
    super(inner, writer, (state) => state);
  }

  override record(...events: RunEvent[]): Promise<void> {
    return super.record(
      ...events.map((event) =>
        event.type === 'attempt.ended' && event.detail === 'It was never started.'
          ? { ...event, outcome: 'infrastructure' as const }
          : event,
      ),
    );
  }
}

/** Does not wait until an intent is on disk. */
class Hasty extends SeenThrough {
  constructor(inner: Journal, writer: JournalWriter) {
    super(inner, writer, (state) => state);
  }

  override record(...events: RunEvent[]): Promise<void> {
    const recorded = super.record(...events);
    if (events[0]?.type !== 'attempt.launching') return recorded;
    recorded.catch(() => undefined);
    return Promise.resolve();
  }
}

/** Whose worker is done counts as integrated for those that wait for it. */
function integratedEarly(state: RunState): RunState {
  const subtasks = new Map<string, SubtaskState>();
  const isAwaited = (id: string): boolean =>
    (state.dependants.get(id) ?? []).some((name) => state.subtasks.get(name)?.status === 'waiting');
  for (const [id, one] of state.subtasks)
    subtasks.set(id, one.status === 'integrating' && isAwaited(id) ? { ...one, status: 'completed' } : one);
  const ready = [...subtasks.values()].filter(
    ({ status, subtask }) =>
      status === 'waiting' && subtask.dependsOn.every((id) => subtasks.get(id)?.status === 'completed'),
  );
  return { ...state, subtasks, ready: new Set(ready.map(({ subtask }) => subtask.id)) };
}

/** What an attempt had reserved that was lost stays reserved. */
function keptReservations(state: RunState): RunState {
  const lost = [...state.attempts.values()].filter(({ ended }) => ended?.outcome === 'interrupted');
  const keptUsd = lost.reduce((sum, { budgetUsd, usage }) => sum + Math.max(budgetUsd - usage.costUsd, 0), 0);
  return { ...state, committedUsd: state.committedUsd + keptUsd };
}

/** Nobody remembers what was taken in of a worker's stream. */
function nothingIngested(state: RunState): RunState {
  const attempts = new Map([...state.attempts].map(([id, attempt]) => [id, { ...attempt, ingested: 0 }]));
  return { ...state, attempts };
}
