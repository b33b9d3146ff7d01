import { describe, expect, it } from 'vitest';
import { nextStep, type Step } from '../../../src/core/attempt/next-step.ts';
import type { RunEvent } from '../../../src/core/model/events.ts';
import { captured, foldOf, launching, planOf, started, subtask, turnEnded, validated } from '../recorded-run.ts';

const sentBack = (turn: number): RunEvent => ({ type: 'attempt.sent-back', attempt: 'a-1', turn });
const turn = (number: number, failure: 'api' | 'auth' | 'budget' | 'other' | null = null) =>
  turnEnded('a-1', number, [number * 10, number * 10 + 10], 0, failure);

function stepAfter(iterations: number, ...events: readonly RunEvent[]): Step {
  const attempt = foldOf(...started(planOf(subtask('a'))), launching('a'), ...events).state.attempts.get('a-1');
  if (!attempt) throw new Error('There is no attempt.');
  return nextStep(attempt, iterations);
}

/** After its first turn more was used than it may. */
function stepOnceSpent(iterations: number, ...events: readonly RunEvent[]): Step {
  const [first, ...rest] = events.map((event) =>
    event.type === 'attempt.turn-ended' ? { ...event, usage: { ...event.usage, costUsd: 2 } } : event,
  );
  const launch = { ...launching('a'), budgetUsd: 1 } as RunEvent;
  const all = [launch, ...(first ? [first] : []), ...rest];
  const attempt = foldOf(...started(planOf(subtask('a'))), ...all).state.attempts.get('a-1');
  if (!attempt) throw new Error('There is no attempt.');
  return nextStep(attempt, iterations);
}

describe('nextStep once the budget is used up', () => {
  it.each<[string, Step, number, RunEvent[]]>([
    ['its turn was ended for it', 'capture', 3, [turn(1, 'budget')]],
    ['it was interrupted for it', 'capture', 3, [turn(1, 'other')]],
    ['what it had done is kept', 'break-off', 3, [turn(1, 'budget'), captured('a-1')]],
    ['the API failed', 'give-up', 3, [turn(1, 'api')]],
    ['its result passed', 'accept', 3, [turn(1), captured('a-1'), validated('a-1')]],
    ['it would have to mend it', 'break-off', 3, [turn(1), captured('a-1'), validated('a-1', 'failed')]],
    ['it may not mend it any more', 'reject', 0, [turn(1), captured('a-1'), validated('a-1', 'failed')]],
  ])('after "%s" comes %s', (_name, step, iterations, events) => {
    expect(stepOnceSpent(iterations, ...events)).toBe(step);
  });
});

describe('nextStep', () => {
  it.each<[string, Step, number, RunEvent[]]>([
    ['nothing was said', 'wait', 3, []],
    ['the first turn ended', 'capture', 3, [turn(1)]],
    ['the turn failed at the API', 'give-up', 3, [turn(1, 'api')]],
    ['the login is not valid', 'give-up', 3, [turn(1, 'auth')]],
    ['the CLI speaks of a budget that is not used up', 'give-up', 3, [turn(1, 'budget')]],
    ['the turn was broken off', 'give-up', 3, [turn(1, 'other')]],
    ['it was captured', 'validate', 3, [turn(1), captured('a-1')]],
    ['it passed', 'accept', 3, [turn(1), captured('a-1'), validated('a-1')]],
    ['it failed', 'send-back', 3, [turn(1), captured('a-1'), validated('a-1', 'failed')]],
    ['nobody could tell', 'send-back', 3, [turn(1), captured('a-1'), validated('a-1', 'incomplete')]],
    ['it failed and may not be sent back', 'reject', 0, [turn(1), captured('a-1'), validated('a-1', 'failed')]],
    ['it was sent back', 'wait', 3, [turn(1), captured('a-1'), validated('a-1', 'failed'), sentBack(1)]],
    [
      'the next turn ended, evidence of the last one is stale',
      'capture',
      3,
      [turn(1), captured('a-1'), validated('a-1', 'failed'), sentBack(1), turn(2)],
    ],
    [
      'only the new turn was captured',
      'validate',
      3,
      [turn(1), captured('a-1'), validated('a-1', 'failed'), sentBack(1), turn(2), captured('a-1', 2)],
    ],
    [
      'it failed as often as allowed',
      'reject',
      1,
      [
        ...[turn(1), captured('a-1'), validated('a-1', 'failed'), sentBack(1)],
        ...[turn(2), captured('a-1', 2), validated('a-1', 'failed', 2)],
      ],
    ],
    [
      'a turn after an accepted one came by itself',
      'capture',
      3,
      [turn(1), captured('a-1'), validated('a-1'), turn(2)],
    ],
  ])('after "%s" comes %s', (_name, step, iterations, events) => {
    expect(stepAfter(iterations, ...events)).toBe(step);
  });
});
