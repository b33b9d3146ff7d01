import { OrchestratorError } from '../model/error.ts';
import type { JournalRecord, RunEvent, RunEventType } from '../model/events.ts';
import { isGraphChange } from '../model/graph-change.ts';
import { type Redact, redactDeep, redactor } from '../model/redact.ts';
import type { RunState } from '../model/run.ts';
import type { JournalWriter } from '../ports/journal-store.ts';
import { RunFold } from './fold.ts';

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

/**
 * Events that only tell of what can be found out again, in files, in git or by asking: nothing may rest on them before a
 * later event is on disk, and then they are.
 */
const OUTCOMES: ReadonlySet<RunEventType> = new Set([
  'attempt.launched',
  'attempt.session',
  'attempt.tool-called',
  'attempt.api-retried',
  'attempt.turn-ended',
  'permission.requested',
  'attempt.captured',
  'attempt.validated',
  'attempt.ended',
  'integration.merged',
]);

/**
 * A run that this process owns. What is recorded is part of the state at once and on disk soon; what an effect follows
 * from is on disk first, unless the run's durability is relaxed.
 */
export class Journal {
  readonly #writer: JournalWriter;
  readonly #onChange: (state: RunState) => void;
  readonly #waiting = new Set<() => void>();
  #fold: RunFold | undefined;
  #lastDurable: Promise<void> = Promise.resolve();

  /** Takes secrets out of what a worker says. */
  readonly redact: Redact;

  constructor(
    writer: JournalWriter,
    earlier: readonly JournalRecord[],
    onChange: (state: RunState) => void,
    redact: Redact = redactor(),
  ) {
    this.redact = redact;
    this.#writer = writer;
    this.#onChange = onChange;
    this.#fold = earlier.length > 0 ? RunFold.of(earlier) : undefined;
  }

  get state(): RunState {
    if (!this.#fold) throw new OrchestratorError('internal', 'The run has no state before its first event.');
    return this.#fold.state;
  }

  /**
   * Takes events into the state. Resolves when their effects may follow: for all but outcomes when they are on disk, with
   * all that was recorded before them. Under relaxed durability nothing is waited for. Rejects with `journal-failed`.
   */
  async record(...events: RunEvent[]): Promise<void> {
    const { records, durable } = this.#writer.append(events.map((event) => this.#safe(event)));
    this.#lastDurable = durable;
    for (const record of records) {
      if (this.#fold) this.#fold.apply(record);
      else this.#fold = RunFold.start(record);
    }
    this.#onChange(this.state);
    for (const look of [...this.#waiting]) look();
    if (this.state.settings.durability === 'relaxed') return;
    if (!events.every(({ type }) => OUTCOMES.has(type))) await durable;
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

  #safe(event: RunEvent): RunEvent {
    // The person's own words are what they want done.
    const isByPerson = event.type === 'plan.proposed' ? event.by === 'file' : isGraphChange(event);
    if (event.type === 'run.created' || isByPerson) return event;
    return redactDeep(event, this.redact, WORDS);
  }
}
