import type { SubtaskCheck } from './check.ts';

/** After a failure that says nothing about the work the next attempt waits a while. */
export const backOffIsOver: SubtaskCheck = ({ now }, { backOff, reason }) => {
  // A clock that was set back must not make it wait for longer than was meant.
  if (!backOff || now >= backOff.untilMs || now < backOff.untilMs - backOff.ms) return undefined;
  const seconds = Math.ceil((backOff.untilMs - now) / 1000);
  const why = reason === undefined ? '' : ` after: ${reason}`;
  return { waitsFor: 'back-off', reason: `tries again in ${seconds} s${why}`, againAt: backOff.untilMs };
};
