import { appendFileSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Asked } from './asked.ts';

/** How a request ended. `waiting`: not answered yet; `aborted`: the client went away before the answer was complete. */
export const outcomes = [
  'waiting',
  'answered',
  'error',
  'dropped',
  'malformed',
  'aborted',
  'closed',
  'unmatched',
] as const;
export type Outcome = (typeof outcomes)[number];

/** One request to the Messages API and what became of it. Times are milliseconds since the epoch. */
export interface RecordedRequest extends Asked {
  readonly number: number;
  readonly at: number;
  readonly session: string;
  readonly subagent: boolean;
  /** Without credentials; see `credential`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whose key came with the request: the one that tests hand out, none, or one that must not be here. */
  readonly credential: 'test' | 'none' | 'foreign';
  /** The request as it came, for searching. */
  readonly body: string;
  readonly rule: string | undefined;
  /** 1-based position in the rule's answer; 0 for the closing text after the last tool calls. */
  readonly step: number | undefined;
  /** Requests under way when this one had arrived, itself included. */
  readonly inFlight: number;
  readonly outcome: Outcome;
  readonly settledAt: number | undefined;
}

export interface RequestFilter {
  readonly role?: string;
  readonly subtask?: string;
  readonly attempt?: number;
  readonly turn?: number;
  readonly userTurn?: number;
  readonly session?: string;
  readonly model?: string;
  readonly rule?: string;
  readonly outcome?: Outcome;
}

const secretHeaders = new Set(['authorization', 'x-api-key', 'proxy-authorization', 'cookie']);

/** Headers fit to be recorded. */
export function withoutCredentials(headers: Readonly<Record<string, string | string[] | undefined>>) {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || secretHeaders.has(name) ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}

const lineSchema = z.looseObject({
  number: z.number(),
  at: z.number(),
  session: z.string(),
  role: z.string(),
  subtask: z.string().optional(),
  attempt: z.number().optional(),
  turn: z.number(),
  userTurn: z.number(),
  prompt: z.string(),
  model: z.string(),
  tools: z.array(z.string()),
  rule: z.string().optional(),
  step: z.number().optional(),
  inFlight: z.number(),
  outcome: z.enum(outcomes),
  settledAt: z.number().optional(),
});
/** A request as read back from a record file: without body and system prompt. */
export type RecordLine = z.output<typeof lineSchema>;

/** Everything asked so far, in order of arrival; appended to a file as NDJSON when there is one. */
export class RequestLog {
  readonly #requests: RecordedRequest[] = [];
  readonly #watchers = new Set<() => void>();
  readonly #file: string | undefined;
  #underWay = 0;

  constructor(file: string | undefined) {
    this.#file = file;
  }

  add(request: Omit<RecordedRequest, 'number' | 'inFlight' | 'outcome' | 'settledAt'>): RecordedRequest {
    this.#underWay += 1;
    const recorded: RecordedRequest = {
      ...request,
      number: this.#requests.length + 1,
      inFlight: this.#underWay,
      outcome: 'waiting',
      settledAt: undefined,
    };
    this.#requests.push(recorded);
    this.#changed(recorded);
    return recorded;
  }

  settle(number: number, outcome: Outcome): void {
    const request = this.#requests[number - 1];
    if (request === undefined || request.outcome !== 'waiting') return;
    this.#underWay -= 1;
    const settled = { ...request, outcome, settledAt: Date.now() };
    this.#requests[number - 1] = settled;
    this.#changed(settled);
  }

  find(filter: RequestFilter = {}): readonly RecordedRequest[] {
    const wanted = Object.entries(filter).filter(([, value]) => value !== undefined);
    return this.#requests.filter((request) =>
      wanted.every(([name, value]) => request[name as keyof RequestFilter] === value),
    );
  }

  /** Calls `listener` whenever a request arrives or ends, until the returned function is called. */
  watch(listener: () => void): () => void {
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  }

  #changed(request: RecordedRequest): void {
    if (this.#file !== undefined) {
      const { body: _body, system: _system, ...line } = request;
      appendFileSync(this.#file, `${JSON.stringify(line)}\n`, { mode: 0o600 });
    }
    for (const watcher of [...this.#watchers]) watcher();
  }
}

/** Reads a record file that another process writes; each request once, as it stands now. */
export function readRecord(path: string): readonly RecordLine[] {
  const requests = new Map<number, RecordLine>();
  for (const line of readFileSync(path, 'utf8').split('\n').slice(0, -1)) {
    const request = lineSchema.parse(JSON.parse(line));
    requests.set(request.number, request);
  }
  return [...requests.values()];
}
