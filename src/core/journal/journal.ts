import { OrchestratorError } from '../model/error.ts';
import type { JournalRecord, RunEvent } from '../model/events.ts';
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
]);

/** A run that this process owns: what is recorded is durable first and part of the state then. */
export class Journal {
  readonly #writer: JournalWriter;
  readonly #onChange: (state: RunState) => void;
  readonly #waiting = new Set<() => void>();
  #fold: RunFold | undefined;

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

  /** Resolves when the events are durable and folded; rejects with `journal-failed`. */
  async record(...events: RunEvent[]): Promise<void> {
    const records = await this.#writer.append(events.map((event) => this.#safe(event)));
    for (const record of records) {
      if (this.#fold) this.#fold.apply(record);
      else this.#fold = RunFold.start(record);
    }
    this.#onChange(this.state);
    for (const look of [...this.#waiting]) look();
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
    if (event.type === 'run.created' || (event.type === 'plan.proposed' && event.by === 'file')) return event;
    return redactDeep(event, this.redact, WORDS);
  }
}
