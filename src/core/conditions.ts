import type { RunContext } from './context.ts';
import type { Conditions } from './scheduling/admission/check.ts';

/** What a run's launches depend on now besides its journal. */
export const conditionsOf = ({ clock, machine }: Pick<RunContext, 'clock' | 'machine'>): Conditions => ({
  now: clock.now(),
  freeMb: machine.freeMemoryMb(),
});
