/** One figure against what was aimed for. */
export interface Aim {
  readonly name: string;
  readonly value: number;
  readonly op: '<=' | '>=';
  readonly aim: number;
  readonly met: boolean;
}

export interface Measured {
  readonly figures: Readonly<Record<string, number | string | readonly number[]>>;
  readonly aims: readonly Aim[];
}

/** A question that can be measured. It measures and never judges: a missed aim is an answer, not a failure. */
export interface Benchmark {
  readonly name: string;
  readonly question: string;
  /** Its own options on the command line, with their defaults. */
  readonly options?: Readonly<Record<string, string>>;
  measure(asked: Asked): Promise<Measured>;
}

export interface Asked {
  readonly rounds: number;
  /** Values of the benchmark's own options. */
  readonly options: Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
}

export function aim(name: string, value: number, op: Aim['op'], wanted: number): Aim {
  return { name, value, op, aim: wanted, met: op === '<=' ? value <= wanted : value >= wanted };
}

/** Middle value; the mean of the two middle ones for an even count. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export const rounded = (value: number, digits = 3): number => Number(value.toFixed(digits));
