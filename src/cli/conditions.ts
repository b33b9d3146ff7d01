import type { Conditions } from '../core/scheduling/admission/check.ts';
import { thisMachine } from '../node/machine.ts';
import { systemClock } from '../node/system.ts';

/** What is so on this machine now, as far as it decides what a run starts. */
export const conditionsNow = (): Conditions => ({ now: systemClock.now(), freeMb: thisMachine().freeMemoryMb() });
