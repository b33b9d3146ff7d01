import { type Candidate, excerpt, meetsApartFromNth, mismatches } from './match.ts';
import type { Rule, Scenario, Step } from './schema.ts';
import { callsTools } from './speech.ts';

/** The step that answers a request; `position` is 1-based, 0 for the closing text after the last tool calls. */
export interface Cue {
  readonly rule: Rule;
  readonly step: Step;
  readonly position: number;
  readonly nth: number;
}

const closing: Step = { text: 'Done.' };

/**
 * Walks a scenario. Each conversation goes through a rule's steps one by one; after the last, tool calls are followed
 * by a closing text and any other step is repeated, so that an error stays an error for the CLI's retries.
 */
export class Script {
  readonly rules: readonly Rule[];
  readonly #met = new Map<Rule, number>();
  readonly #taken = new Map<string, number>();
  readonly #used = new Set<Rule>();

  constructor(scenario: Scenario) {
    this.rules = scenario.rules;
  }

  /** The answer to a request of the given conversation, or the text that explains why there is none. */
  next(asked: Omit<Candidate, 'nth'>, conversation: string): Cue | string {
    const reasons: string[] = [];
    for (const rule of this.rules) {
      const nth = (this.#met.get(rule) ?? 0) + 1;
      const candidate = { ...asked, nth };
      if (meetsApartFromNth(rule, candidate)) this.#met.set(rule, nth);
      const failing = mismatches(rule, candidate);
      if (failing.length === 0) return this.#take(rule, conversation, nth);
      reasons.push(`  - rule "${rule.name}": ${failing.join('; ')}`);
    }
    const attempt = asked.attempt === undefined ? '' : ` attempt=${asked.attempt}`;
    const subtask = asked.subtask === undefined ? '' : ` subtask=${asked.subtask}`;
    return [
      `No rule of the scenario answers this request: role=${asked.role}${subtask}${attempt} turn=${asked.turn} ` +
        `userTurn=${asked.userTurn} prompt=${JSON.stringify(excerpt(asked.prompt))}`,
      ...reasons,
    ].join('\n');
  }

  unused(): readonly string[] {
    return this.rules.filter((rule) => !this.#used.has(rule)).map((rule) => rule.name);
  }

  #take(rule: Rule, conversation: string, nth: number): Cue {
    this.#used.add(rule);
    const key = `${conversation}\n${rule.name}`;
    const taken = this.#taken.get(key) ?? 0;
    this.#taken.set(key, taken + 1);
    const step = rule.answer[taken];
    if (step !== undefined) return { rule, step, position: taken + 1, nth };
    const last = rule.answer.at(-1) ?? closing;
    const delivered = last.drop === undefined && last.malformed === undefined;
    return callsTools(last) && delivered
      ? { rule, step: closing, position: 0, nth }
      : { rule, step: last, position: rule.answer.length, nth };
  }
}
