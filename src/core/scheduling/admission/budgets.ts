import { type Budget, NO_BUDGET } from '../../model/budget.ts';
import type { Limits, SubtaskBudget } from '../../model/plan.ts';
import type { AttemptState, RunState, SubtaskState } from '../../model/run.ts';
import type { RunSettings } from '../../model/settings.ts';
import { brokenOff } from '../../model/spent.ts';
import { tokensOf } from '../../model/tokens.ts';
import type { Moment, Refusal } from './check.ts';

/**
 * What one more attempt may use, or why none may start. `ofRun`: no other subtask may start either. `isFinal`: nothing
 * that ends gives back enough.
 */
export type Reservation =
  | { readonly ok: true; readonly budget: Budget }
  | { readonly ok: false; readonly refusal: Refusal; readonly ofRun: boolean; readonly isFinal: boolean };

/** A launch needs at least this part of a full share; less would only stop a worker in the middle. */
const SMALLEST_PART = 0.25;

const MINUTE = 60_000;

/** One of the three things that a run uses up. */
interface Kind {
  readonly of: keyof Budget;
  readonly name: string;
  readonly show: (amount: number) => string;
  /** Cap of the run. */
  readonly cap: (run: RunState) => number;
  /** What a plan's limits say of it. */
  readonly limit: (limits: Limits) => number | undefined;
  /** The most that one attempt may use. */
  readonly most: (settings: RunSettings) => number | null;
  /** What a launch gets where nothing is short. */
  readonly share: (run: RunState, cap: number) => number;
  /** What the run has used, and what it has used or promised. */
  readonly used: (run: RunState, now: number) => number;
  readonly committed: (moment: Moment) => number;
  /** What a launch may pass a cap of this size by, between being decided on and being made. */
  readonly slack: (cap: number) => number;
}

/** Shares are fractions, whose sum may be a little more than the whole. */
const ROUNDING = 1e-9;

/** A launch is decided on so long before it at most, unless the machine slept meanwhile. */
const DECIDED_MS = MINUTE;

const dollars = (usd: number): string => `$${usd.toFixed(2)}`;
const tokens = (count: number): string => `${Math.round(count).toLocaleString('en')} tokens`;
const minutes = (ms: number): string => `${Number((ms / MINUTE).toFixed(1))} minutes`;

/** All workers can be reserved for at once; what an attempt does not use comes back when it ends. */
const equalShare = ({ settings, subtasks }: RunState, cap: number): number =>
  cap / Math.min(settings.concurrency, Math.max(subtasks.size, 1));

const KINDS: readonly Kind[] = [
  {
    of: 'usd',
    name: 'spending cap',
    show: dollars,
    cap: ({ settings }) => settings.maxCostUsd,
    limit: ({ usd }) => usd,
    most: ({ attemptCostUsd }) => attemptCostUsd,
    share: equalShare,
    used: ({ costUsd }) => costUsd,
    committed: ({ run, reserved }) => run.committedUsd + reserved.usd,
    slack: (cap) => cap * ROUNDING,
  },
  {
    of: 'tokens',
    name: 'token cap',
    show: tokens,
    cap: ({ settings }) => settings.maxTokens,
    limit: (limits) => limits.tokens,
    most: ({ attemptTokens }) => attemptTokens,
    share: equalShare,
    used: (run) => run.tokens,
    committed: ({ run, reserved }) => run.committedTokens + reserved.tokens,
    slack: () => 0,
  },
  {
    of: 'ms',
    name: 'time cap',
    show: minutes,
    cap: ({ settings }) => settings.maxMinutes * MINUTE,
    limit: (limits) => limits.minutes && limits.minutes * MINUTE,
    most: ({ attemptMinutes }) => attemptMinutes * MINUTE,
    // Time passes for all workers at once.
    share: (_, cap) => cap,
    used: workedMs,
    committed: ({ run, now }) => workedMs(run, now),
    slack: () => DECIDED_MS,
  },
];

/**
 * Reserves dollars, tokens and time for one more attempt at a subtask: a full share, or what is left of the run's caps,
 * the subtask's own limits and those of one attempt. What is used and reserved never exceeds a cap at a launch. An attempt
 * that goes on with one that its budget ended counts as one with it, so it gets another share of what is free.
 */
export function reserve(moment: Moment, state: SubtaskState): Reservation {
  const { run, now } = moment;
  const found: Record<keyof Budget, number> = { usd: 0, tokens: 0, ms: 0 };
  const { budget = NO_LIMITS } = state.subtask;
  const isFirst = state.attempts.length === 0;
  const usedBefore = isFirst ? NO_BUDGET : usedBy(attemptsOf(run, state));
  const usedOfOne = isFirst ? NO_BUDGET : usedBy(brokenOff(run, state));
  for (const kind of KINDS) {
    const cap = kind.cap(run);
    const most = Math.min(kind.most(run.settings) ?? INFINITE, kind.limit(budget.attempt ?? NO_LIMITS) ?? INFINITE);
    const share = Math.min(kind.share(run, cap), cap, most);
    const left = cap - kind.committed(moment);
    if (left < share * SMALLEST_PART) {
      const isFinal = kind.used(run, now) > cap - share * SMALLEST_PART;
      return {
        ok: false,
        ofRun: true,
        isFinal,
        refusal: refusalOf(
          isFinal ? reached(kind, run, now) : `waits for ${NOUNS[kind.of]} that running workers have reserved`,
        ),
      };
    }
    const limit = kind.limit(budget) ?? INFINITE;
    const own = limit - usedBefore[kind.of];
    if (own < Math.min(share, limit) * SMALLEST_PART)
      return ownRefusal(`its own limit of ${kind.show(limit)} is used up`);
    // How long somebody was asked meanwhile, only the supervisor knows: each worker has the whole time.
    const rest = kind.of === 'ms' ? most : most - usedOfOne[kind.of];
    if (rest < share * SMALLEST_PART) return ownRefusal(`the limit of one attempt, ${kind.show(most)}, is used up`);
    found[kind.of] = Math.min(share, left, own, rest);
  }
  found.tokens = Math.floor(found.tokens);
  return { ok: true, budget: found };
}

const NO_LIMITS: SubtaskBudget = {};
const INFINITE = Number.POSITIVE_INFINITY;

const ownRefusal = (reason: string): Reservation => {
  return { ok: false, ofRun: false, isFinal: true, refusal: refusalOf(reason) };
};

const NOUNS: Readonly<Record<keyof Budget, string>> = { usd: 'money', tokens: 'tokens', ms: 'time' };

/** How long the run's workers have worked, in milliseconds. */
export function workedMs({ workedMs: before, workingSince }: RunState, now: number): number {
  return before + (workingSince === undefined ? 0 : Math.max(0, now - workingSince));
}

/**
 * Whether what was reserved for an attempt is still left now that it is launched: others may have passed their budgets
 * meanwhile, and time went by.
 */
export function isStillLeft(moment: Moment, budget: Budget): boolean {
  return KINDS.every((kind) => {
    const cap = kind.cap(moment.run);
    return kind.committed(moment) + budget[kind.of] <= cap + kind.slack(cap);
  });
}

function attemptsOf(run: RunState, { attempts }: SubtaskState): AttemptState[] {
  return attempts.flatMap((id) => run.attempts.get(id) ?? []);
}

function usedBy(attempts: readonly AttemptState[]): Budget {
  let usd = 0;
  let count = 0;
  let ms = 0;
  for (const attempt of attempts) {
    usd += attempt.usage.costUsd;
    count += tokensOf(attempt.usage);
    if (attempt.ended) ms += Math.max(0, attempt.ended.at - attempt.startedAt - attempt.sleptMs);
  }
  return { usd, tokens: count, ms };
}

function reached({ name, show, cap, used }: Kind, run: RunState, now: number): string {
  const limit = cap(run);
  const amount = used(run, now);
  return `the ${name} of ${show(limit)} is ${amount >= limit ? 'reached' : `nearly reached, ${show(amount)} are used`}`;
}

function refusalOf(reason: string): Refusal {
  return { waitsFor: 'budget', reason };
}
