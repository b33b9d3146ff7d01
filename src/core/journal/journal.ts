import type { RunEvent, RunEventType } from '../model/events.ts';
import { isGraphChange } from '../model/graph-change.ts';
import { type Redact, redactDeep, redactor } from '../model/redact.ts';
import type { RunState } from '../model/run.ts';
import type { Appended, JournalWriter } from '../ports/journal-store.ts';
import type { RunFold } from './fold.ts';

/** Fields that hold somebody's words. The others are names and paths, which have to stay what they are. */
const WORDS: ReadonlySet<string> = new Set([
  'summary',
  'detail',
  'error',
  'reason',
  'message',
  'title',
  'instructions',
  'tail',
]);

/** A tail of so many events is read in some 50 ms. */
const IMAGE_EVERY = 10_000;
const EVENTS_PER_PART = 2;
/** Fewer are read as fast as a snapshot of them. */
const WORTH_KEEPING = 500;

/**
 * Events that only tell of what can be found out again, in files, in git or by asking: nothing may rest on them before a
 * later event is on disk, and then they are.
 */
const OUTCOMES: ReadonlySet<RunEventType> = new Set([
  'attempt.launched',
  'attempt.session',
  'attempt.tool-called',
  'attempt.api-retried',
  'attempt.api-limited',
  'attempt.turn-ended',
  'permission.requested',
  'permission.asked',
  'attempt.captured',
  'attempt.validated',
  'attempt.ended',
  'integration.merged',
  'subtask.held',
]);

const isMoreThanOutcome = ({ type }: RunEvent): boolean => !OUTCOMES.has(type);

const AT_ONCE = Promise.resolve();

/**
 * A run that this process owns. What is recorded is part of the state at once and on disk soon; what an effect follows
 * from is on disk first, unless the run's durability is relaxed.
 */
export class Journal {
  readonly #writer: JournalWriter;
  readonly #onChange: (state: RunState) => void;
  readonly #waiting = new Set<() => void>();
  readonly #fold: RunFold;
  readonly #imageEvery: number;
  #sinceImage = 0;
  #lastDurable: Promise<void> = Promise.resolve();
  /** Called before events are taken: what must be known before them is recorded in it. */
  beforeEvents: () => void = () => undefined;

  /** Takes secrets out of what a worker says. */
  readonly redact: Redact;

  /**
   * @param fold what was in the journal when it was opened
   * @param imageEvery number of events after which the state is kept, so that it opens fast; more while the run is large
   */
  constructor(
    writer: JournalWriter,
    fold: RunFold,
    onChange: (state: RunState) => void,
    redact: Redact = redactor(),
    imageEvery = IMAGE_EVERY,
  ) {
    this.redact = redact;
    this.#writer = writer;
    this.#fold = fold;
    this.#onChange = onChange;
    this.#imageEvery = imageEvery;
  }

  get state(): RunState {
    return this.#fold.state;
  }

  /**
   * Takes events into the state. Resolves when their effects may follow: for all but outcomes when they are on disk, with
   * all that was recorded before them. Under relaxed durability when they outlive this process, though not a power
   * cut. Rejects with `journal-failed`.
   */
  record(...events: RunEvent[]): Promise<void> {
    // Every event comes by here, which is why this is not an async function of its own.
    try {
      const { written, durable } = this.#take(events);
      if (!events.some(isMoreThanOutcome)) return AT_ONCE;
      return this.state.settings.durability === 'relaxed' ? written : durable;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #take(events: readonly RunEvent[]): Appended {
    this.beforeEvents();
    const appended = this.#writer.append(events.map(this.#safe));
    const { records, durable } = appended;
    this.#lastDurable = durable;
    for (const record of records) this.#fold.apply(record);
    this.#sinceImage += records.length;
    if (this.#sinceImage >= this.#imageEvery) this.#keepImage(this.#imageEvery);
    this.#onChange(this.state);
    if (this.#waiting.size > 0) for (const look of [...this.#waiting]) look();
    return appended;
  }

  /**
   * Resolves when all that was recorded is on disk, whatever the run's durability: for effects that can not be taken
   * back. Rejects with `journal-failed`.
   */
  durable(): Promise<void> {
    return this.#lastDurable;
  }

  /** Resolves when the state is as wanted, at once if it is so now; rejects with the signal's reason. */
  until(wanted: (state: RunState) => boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        this.#waiting.delete(look);
        signal.removeEventListener('abort', look);
      };
      const look = (): void => {
        if (!signal.aborted && !wanted(this.state)) return;
        stop();
        if (signal.aborted) reject(signal.reason);
        else resolve();
      };
      this.#waiting.add(look);
      signal.addEventListener('abort', look, { once: true });
      look();
    });
  }

  /** Keeps the state for whoever opens the journal next, where that saves them time. */
  rest(): void {
    if (this.#fold.hasBegun) this.#keepImage(WORTH_KEEPING);
  }

  #keepImage(least: number): void {
    const { subtasks, attempts, checkpoints } = this.state;
    // Reading it takes as long as the state is large, and so does writing it: an event's share of that must not grow.
    const parts = subtasks.size + attempts.size + checkpoints.size;
    if (this.#sinceImage < Math.max(least, EVENTS_PER_PART * parts)) return;
    this.#sinceImage = 0;
    this.#writer.keepImage(this.#fold);
  }

  readonly #safe = (event: RunEvent): RunEvent => {
    // The person's own words are what they want done.
    const isByPerson = event.type === 'plan.proposed' ? event.by === 'file' : isGraphChange(event);
    if (event.type === 'run.created' || isByPerson) return event;
    return redactDeep(event, this.redact, WORDS);
  };
}
