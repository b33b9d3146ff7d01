import type { Case } from '../../test/simulation/case.ts';
import type { Simulated } from '../../test/simulation/simulate.ts';

const SIZES = [1, 2, 5, 10, 20, 40, 60] as const;

/** Adds up what many simulations met. */
export class Report {
  seeds = 0;
  #events = 0;
  #owners = 0;
  #faults = 0;
  #fewest = Number.POSITIVE_INFINITY;
  readonly #startedAt = performance.now();
  readonly #sizes = new Map<string, number>();
  readonly #ends = new Map<string, number>();
  readonly #asked = new Map<string, number>();
  /** Runs that came after the first and how they ended. */
  readonly #later = new Map<string, number>();
  /** Fault → point → how often. */
  readonly #met = new Map<string, Map<string, number>>();

  add(given: Case, { events, owners, state, last, met, asked }: Simulated): void {
    for (const [key, often] of asked) count(this.#asked, key, often);
    this.seeds += 1;
    this.#events += events;
    this.#owners += owners;
    count(this.#sizes, sizeOf(given.plan.subtasks.length));
    count(this.#ends, state.status);
    if (given.sequel && last.id !== state.id) count(this.#later, `${given.sequel.how} ${last.status}`);
    const faults = sum(met);
    this.#faults += faults;
    this.#fewest = Math.min(this.#fewest, faults);
    for (const [key, often] of met) {
      const [fault = '', point = ''] = key.split(' at ');
      const points = this.#met.get(fault) ?? new Map<string, number>();
      this.#met.set(fault, points);
      count(points, kindOf(point), often);
    }
  }

  /** How far it has come. */
  pace(): string {
    const seconds = this.#seconds();
    return `${this.seeds} seeds in ${seconds.toFixed(1)} s (${Math.round((this.seeds / seconds) * 60)} a minute)`;
  }

  text(): string {
    const seconds = this.#seconds();
    const faults = [...this.#met].sort(([a], [b]) => a.localeCompare(b));
    return [
      this.pace(),
      `${this.#events} events, ${Math.round(this.#events / seconds)} events/s`,
      `${this.#owners} owners, ${(this.#owners / Math.max(1, this.seeds)).toFixed(1)} a run`,
      `${this.#faults} faults, ${(this.#faults / Math.max(1, this.seeds)).toFixed(1)} a run, ${this.#fewest} at least`,
      `graph sizes: ${SIZES.map((_, index) => `${rangeOf(index)}: ${this.#sizes.get(rangeOf(index)) ?? 0}`).join(', ')}`,
      `ends: ${entries(this.#ends)}`,
      `runs after the first: ${entries(this.#later)}`,
      'what was asked:',
      ...wrapped(entries(this.#asked)),
      'how often each fault met each kind of event:',
      ...faults.flatMap(([fault, points]) => [`  ${fault} (${sum(points)})`, ...wrapped(entries(points))]),
    ].join('\n');
  }

  #seconds(): number {
    return (performance.now() - this.#startedAt) / 1_000;
  }
}

function count(counts: Map<string, number>, key: string, often = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + often);
}

const sum = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((total, one) => total + one, 0);

/** A point without its phase: "record attempt.ended/written" is about "attempt.ended". */
const kindOf = (point: string): string => point.replace(/^record /, '').replace(/\/\w+$/, '');

const COLUMNS = 110;

/** Lines of a list, indented. */
function wrapped(list: string): string[] {
  const lines: string[] = [];
  for (const item of list.split(', ')) {
    const line = lines.at(-1);
    if (line === undefined || line.length + item.length > COLUMNS) lines.push(`    ${item}`);
    else lines[lines.length - 1] = `${line}, ${item}`;
  }
  return lines;
}

function entries(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([key, often]) => `${key} ${often}`)
    .join(', ');
}

function sizeOf(subtasks: number): string {
  return rangeOf(SIZES.findIndex((size) => subtasks <= size));
}

function rangeOf(index: number): string {
  const to = SIZES[index] ?? 0;
  const from = (SIZES[index - 1] ?? 0) + 1;
  return from === to ? String(to) : `${from}–${to}`;
}
