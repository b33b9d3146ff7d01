import type { Budget } from '../../model/budget.ts';
import type { RunState, SubtaskState } from '../../model/run.ts';

/** What a subtask can wait for. */
export type WaitingFor =
  | 'start'
  | 'pause'
  | 'dependencies'
  | 'back-off'
  | 'scope'
  | 'api'
  | 'workers'
  | 'memory'
  | 'budget'
  | 'room'
  | 'set-up';

/** Why a subtask does not start now. */
export interface Refusal {
  readonly waitsFor: WaitingFor;
  /** For a person, without a capital and a full stop. */
  readonly reason: string;
  /** When it is worth looking again though nothing happens, in milliseconds since 1970; undefined: it is not. */
  readonly againAt?: number;
}

/** What the journal does not say. */
export interface Conditions {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Memory that more workers can use, in MB; undefined: nobody knows. */
  readonly freeMb: number | undefined;
}

/** What an admission is decided on. */
export interface Moment extends Conditions {
  readonly run: RunState;
  /** Launches that the journal has no word of yet, and what they may use. */
  readonly launching: number;
  readonly reserved: Budget;
}

/** What holds every launch of a run back; undefined: nothing. */
export type RunCheck = (moment: Moment) => Refusal | undefined;

/** What holds one subtask back. */
export type SubtaskCheck = (moment: Moment, state: SubtaskState) => Refusal | undefined;
