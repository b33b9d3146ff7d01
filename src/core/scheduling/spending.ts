import type { RunState } from '../model/run.ts';

/** What an attempt may spend, in US dollars, or why none may start now. */
export type Reservation = { readonly ok: true; readonly usd: number } | { readonly ok: false; readonly reason: string };

/** A launch needs at least this part of a full share; less would only stop a worker in the middle. */
const SMALLEST_PART = 0.25;

/**
 * Reserves money for one more attempt. A full share is the spending cap divided by the number of workers, so that all of
 * them can be reserved for at once (of subtasks, where these are fewer); what an attempt does not use comes back when it ends. What is settled and reserved
 * never exceeds the cap at a launch.
 *
 * @param pendingUsd reserved for launches that the journal has no word of yet
 */
export function reserve(run: RunState, pendingUsd: number): Reservation {
  const { maxCostUsd: cap, concurrency } = run.settings;
  const share = cap / Math.min(concurrency, Math.max(run.subtasks.size, 1));
  const left = cap - run.committedUsd - pendingUsd;
  const usd = Math.min(share, left);
  if (usd >= share * SMALLEST_PART) return { ok: true, usd };
  const settled = run.costUsd >= cap - share * SMALLEST_PART;
  return {
    ok: false,
    reason: settled ? capReached(cap, run.costUsd) : 'waits for money that running workers have reserved',
  };
}

function capReached(cap: number, spent: number): string {
  return `the spending cap of $${cap.toFixed(2)} is ${spent >= cap ? 'reached' : `nearly reached, $${spent.toFixed(2)} are spent`}`;
}
