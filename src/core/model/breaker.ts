/**
 * What is known of whether the API answers: a circuit breaker for all workers of a run, which share an account and a
 * model (M. Nygard, Release It!, 2007). Closed: everybody may ask. Open: nobody new. Half-open: one at a time tries.
 * Times in milliseconds since 1970.
 */
export interface Breaker {
  /** When the API failed last, while closed. */
  readonly failures: readonly number[];
  /** Undefined: closed. */
  readonly opened:
    | {
        readonly at: number;
        /** Open until then, half-open from then on. */
        readonly until: number;
        readonly waitMs: number;
        /** How often the API has answered since. */
        readonly successes: number;
        /** What the API said, or that the account's limit is reached. */
        readonly why: string;
      }
    | undefined;
}

export const CLOSED: Breaker = { failures: [], opened: undefined };

/** So many failures within the window open it. */
const FAILURES = 5;
const WINDOW_MS = 300_000;
/** How long it is open at first; doubles with each failed try. */
const OPEN_MS = 60_000;
const LONGEST_OPEN_MS = 900_000;
/** So many answers close it. */
const SUCCESSES = 3;
/** Limits of an account are lifted within a week; what says otherwise is no time. */
const LONGEST_LIMIT_MS = 8 * 24 * 3_600_000;

export type Phase = 'closed' | 'open' | 'half-open';

export function phaseOf({ opened }: Breaker, now: number): Phase {
  if (!opened) return 'closed';
  // A clock that was set back must not keep it open for longer than was meant.
  return opened.at <= now && now < opened.until ? 'open' : 'half-open';
}

/** The API failed a worker that was begun at `began`; one that was begun before it was half-open tells nothing new. */
export function afterFailure(breaker: Breaker, at: number, began: number, why: string): Breaker {
  const { opened } = breaker;
  if (opened) {
    if (began < opened.until || at < opened.until) return breaker;
    return openFor(at, Math.min(2 * opened.waitMs, LONGEST_OPEN_MS), why);
  }
  const failures = [...breaker.failures.filter((earlier) => at - WINDOW_MS < earlier && earlier <= at), at];
  return failures.length < FAILURES ? { failures, opened } : openFor(at, OPEN_MS, why);
}

/** The API answered a worker. */
export function afterAnswer(breaker: Breaker, at: number): Breaker {
  const { opened } = breaker;
  if (!opened || at < opened.until) return breaker;
  const successes = opened.successes + 1;
  return successes < SUCCESSES ? { ...breaker, opened: { ...opened, successes } } : CLOSED;
}

/** The API refused a worker because the account's limit is reached, until then. */
export function afterLimit(breaker: Breaker, at: number, until: number): Breaker {
  const { opened } = breaker;
  const isTime = until > at && until <= at + LONGEST_LIMIT_MS;
  if (!isTime || (opened && opened.until >= until)) return breaker;
  return { failures: [], opened: { ...opening(at, OPEN_MS, 'the usage limit of the account is reached'), until } };
}

const openFor = (at: number, waitMs: number, why: string): Breaker => ({
  failures: [],
  opened: opening(at, waitMs, why),
});

const opening = (at: number, waitMs: number, why: string) => ({ at, until: at + waitMs, waitMs, successes: 0, why });
