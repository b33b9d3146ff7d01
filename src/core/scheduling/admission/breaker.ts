import { phaseOf } from '../../model/breaker.ts';
import type { RunState } from '../../model/run.ts';
import type { Refusal, RunCheck } from './check.ts';

/** When to look again while one worker tries: that the API answers is known long before its attempt ends. */
const AGAIN_MS = 5_000;

/** While the API fails nobody asks it; then one worker at a time tries. */
export const apiAnswers: RunCheck = ({ run, launching, now }) => {
  const { opened } = run.breaker;
  if (!opened || phaseOf(run.breaker, now) === 'closed') return undefined;
  if (phaseOf(run.breaker, now) === 'open')
    return refusal(`${opened.why}; tries again ${within(opened.until - now)}`, opened.until);
  const isTried = launching > 0 || begunSince(run, opened.until);
  return isTried ? refusal(`${opened.why}; one worker tries whether it is over`, now + AGAIN_MS) : undefined;
};

function begunSince(run: RunState, time: number): boolean {
  for (const id of run.working) {
    const began = run.attempts.get(run.subtasks.get(id)?.attempts.at(-1) ?? '')?.startedAt;
    if (began !== undefined && began >= time) return true;
  }
  return false;
}

const refusal = (reason: string, againAt: number): Refusal => ({ waitsFor: 'api', reason, againAt });

function within(ms: number): string {
  if (ms < 90_000) return `in ${Math.ceil(ms / 1_000)} s`;
  const minutes = Math.ceil(ms / 60_000);
  return minutes < 120 ? `in ${minutes} min` : `in ${Math.ceil(minutes / 60)} h`;
}
