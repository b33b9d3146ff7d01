import type { Workplace } from '../resume/workplace.ts';

/** Effects that the run has begun and of which it does not know how they ended, by kind. */
export function openIntents(place: Workplace): string[] {
  const state = place.state();
  if (!state) return [];
  const attempts = [...state.attempts.values()].filter(({ ended }) => !ended);
  const subtasks = [...state.subtasks.values()];
  const events = place.events();
  return [
    ...attempts.filter(({ launched }) => !launched).map(() => 'launch'),
    ...attempts.filter(({ captured, turns }) => turns > 0 && captured?.turn !== turns).map(() => 'capture'),
    ...attempts.filter(({ sentBackTurn, turns }) => turns > 0 && sentBackTurn === turns).map(() => 'send-back'),
    ...[...state.permissions.keys()].map(() => 'question'),
    ...subtasks.filter(({ status }) => status === 'integrating').map(() => 'integration'),
    ...(events.includes('apply.started') && state.applied === undefined ? ['apply'] : []),
  ];
}
