import type { Expected, RunEstimate } from './estimate.ts';
import { DEFAULT_ESTIMATE_SECONDS } from './graph.ts';

/** One or two sentences for a person, which say what the figures rest on. */
export function estimateText(estimate: RunEstimate): string {
  const { learned } = estimate;
  if (!learned) {
    const { subtasks, estimated } = estimate;
    return `${duration(estimate)}, ${basis(subtasks, estimated)}. Checks, waiting for the API and further attempts come on top.`;
  }
  const amounts = [
    duration(estimate, spread(learned.seconds, time)),
    ...(learned.costUsd.high > 0 ? [`${usd(learned.costUsd.middle)}${spread(learned.costUsd, usd)}`] : []),
    `${tokens(learned.tokens.middle)}${spread(learned.tokens, tokens)}`,
  ];
  return `${amounts.join('; ')}, judging by the last ${learned.from} subtasks in this repository. In brackets: eight of ten cases. Checks and waiting for the API come on top.`;
}

function duration({ seconds, workers, aloneSeconds }: RunEstimate, range = ''): string {
  const together = workers === 1 ? 'one worker' : `${workers} workers`;
  const alone = workers > 1 && aloneSeconds > seconds * 1.05 ? `, ${time(aloneSeconds)} with one` : '';
  return `About ${time(seconds)}${range} with ${together}${alone}`;
}

function spread({ low, high }: Expected, text: (amount: number) => string): string {
  return text(low) === text(high) ? '' : ` (${text(low)} to ${text(high)})`;
}

function basis(subtasks: number, estimated: number): string {
  const assumed = `${time(DEFAULT_ESTIMATE_SECONDS)} assumed for`;
  if (estimated === subtasks) return 'if the estimates of the plan are right';
  if (estimated === 0) return `with ${assumed} each subtask, as the plan has no estimates`;
  return `if the estimates of the plan are right, with ${assumed} each of the ${subtasks - estimated} subtasks without one`;
}

function time(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  return `${Number((minutes / 60).toFixed(1))} h`;
}

const usd = (amount: number): string => `$${amount.toFixed(2)}`;

function tokens(amount: number): string {
  if (amount < 10_000) return `${Math.round(amount)} tokens`;
  if (amount < 1_000_000) return `${Math.round(amount / 1_000)}k tokens`;
  return `${Number((amount / 1_000_000).toFixed(1))}M tokens`;
}
