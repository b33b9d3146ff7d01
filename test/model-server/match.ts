import type { Asked } from './asked.ts';
import type { Rule, When } from './schema.ts';

type Pattern = string | readonly string[];
type Quantity = number | string | readonly (number | string)[];

/** What a condition is compared with: the request, plus what only the server knows about it. */
export interface Candidate extends Asked {
  readonly subagent: boolean;
  /** How many requests, this one included, would have met the rule. */
  readonly nth: number;
}

function expression(pattern: string): RegExp | undefined {
  const end = pattern.lastIndexOf('/');
  return pattern.startsWith('/') && end > 1 && /^[a-z]*$/.test(pattern.slice(end + 1))
    ? new RegExp(pattern.slice(1, end), pattern.slice(end + 1).replace(/[gy]/g, ''))
    : undefined;
}

const many = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);
const equals = (wanted: Pattern, actual: string): boolean =>
  many<string>(wanted).some((one) => expression(one)?.test(actual) ?? one === actual);
const contains = (wanted: Pattern, actual: string): boolean =>
  many<string>(wanted).some((one) => expression(one)?.test(actual) ?? actual.includes(one));

function within(wanted: Quantity, actual: number): boolean {
  return many<number | string>(wanted).some((one) => {
    if (typeof one === 'number') return one === actual;
    const [, sign, limit] = /(>=|<=|>|<)\s*(\d+)/.exec(one) ?? [];
    const edge = Number(limit);
    return sign === '>='
      ? actual >= edge
      : sign === '<='
        ? actual <= edge
        : sign === '>'
          ? actual > edge
          : actual < edge;
  });
}

/** Text shortened to one line of at most `length` characters, for messages. */
export function excerpt(text: string, length = 120): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > length ? `${line.slice(0, length)}…` : line;
}

const shown = (value: unknown): string => (value === undefined ? 'absent' : JSON.stringify(value));

type Test = (when: When, asked: Candidate) => boolean | undefined;
const undefinedUnless = <T>(value: T | undefined, test: (given: T) => boolean): boolean | undefined =>
  value === undefined ? undefined : test(value);

const conditions: Readonly<Record<keyof When, Test>> = {
  role: (when, asked) => undefinedUnless(when.role, (role) => equals(role, asked.role)),
  subtask: (when, asked) =>
    undefinedUnless(when.subtask, (subtask) => asked.subtask !== undefined && equals(subtask, asked.subtask)),
  attempt: (when, asked) =>
    undefinedUnless(when.attempt, (attempt) => asked.attempt !== undefined && within(attempt, asked.attempt)),
  turn: (when, asked) => undefinedUnless(when.turn, (turn) => within(turn, asked.turn)),
  userTurn: (when, asked) => undefinedUnless(when.userTurn, (turn) => within(turn, asked.userTurn)),
  prompt: (when, asked) => undefinedUnless(when.prompt, (prompt) => contains(prompt, asked.prompt)),
  system: (when, asked) => undefinedUnless(when.system, (system) => contains(system, asked.system)),
  model: (when, asked) => undefinedUnless(when.model, (model) => equals(model, asked.model)),
  offers: (when, asked) => undefinedUnless(when.offers, (offered) => asked.tools.some((tool) => equals(offered, tool))),
  lastTool: (when, asked) =>
    undefinedUnless(when.lastTool, (wanted) => asked.lastTools.some((tool) => equals(wanted, tool))),
  lastToolError: (when, asked) => undefinedUnless(when.lastToolError, (wanted) => asked.lastToolError === wanted),
  toolResult: (when, asked) =>
    undefinedUnless(when.toolResult, (wanted) => asked.toolResult !== undefined && contains(wanted, asked.toolResult)),
  subagent: (when, asked) => undefinedUnless(when.subagent, (wanted) => asked.subagent === wanted),
  streamed: (when, asked) => undefinedUnless(when.streamed, (wanted) => asked.streamed === wanted),
  nth: (when, asked) => undefinedUnless(when.nth, (nth) => within(nth, asked.nth)),
};
const conditionNames = Object.keys(conditions) as (keyof When)[];

const seen: Readonly<Record<keyof When, (asked: Candidate) => unknown>> = {
  role: (asked) => asked.role,
  subtask: (asked) => asked.subtask,
  attempt: (asked) => asked.attempt,
  turn: (asked) => asked.turn,
  userTurn: (asked) => asked.userTurn,
  prompt: (asked) => excerpt(asked.prompt),
  system: (asked) => `…${excerpt(asked.system.slice(-120))}`,
  model: (asked) => asked.model,
  offers: (asked) => asked.tools,
  lastTool: (asked) => asked.lastTools,
  lastToolError: (asked) => asked.lastToolError,
  toolResult: (asked) => (asked.toolResult === undefined ? undefined : excerpt(asked.toolResult)),
  subagent: (asked) => asked.subagent,
  streamed: (asked) => asked.streamed,
  nth: (asked) => asked.nth,
};

/** Why the rule does not apply, one entry for each condition that fails; empty when it does. */
export function mismatches(rule: Rule, asked: Candidate): string[] {
  return conditionNames
    .filter((name) => conditions[name](rule.when, asked) === false)
    .map((name) => `${name} is ${shown(seen[name](asked))}, wanted ${shown(rule.when[name])}`);
}

/** Whether everything but `nth` holds: such requests are the ones that `nth` counts. */
export function meetsApartFromNth(rule: Rule, asked: Candidate): boolean {
  return conditionNames.every((name) => name === 'nth' || conditions[name](rule.when, asked) !== false);
}
