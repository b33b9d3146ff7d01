import type { RunSettings } from './settings.ts';

/** Amounts of the three things that a run uses up: US dollars, tokens, and working time in milliseconds. */
export interface Budget {
  readonly usd: number;
  readonly tokens: number;
  readonly ms: number;
}

export const NO_BUDGET: Budget = { usd: 0, tokens: 0, ms: 0 };

/** The caps of a run, for a person, as the rest of a sentence. */
export function capsText({ maxCostUsd, maxTokens, maxMinutes }: Caps): string {
  const hours = Number((maxMinutes / 60).toFixed(1));
  const time = maxMinutes < 120 ? `${maxMinutes} minutes` : `${hours} hours`;
  return `$${maxCostUsd.toFixed(2)}, ${maxTokens.toLocaleString('en')} tokens and ${time} of work`;
}

export type Caps = Pick<RunSettings, 'maxCostUsd' | 'maxTokens' | 'maxMinutes'>;
