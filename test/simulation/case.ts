import type { Plan, Subtask } from '../../src/core/model/plan.ts';
import type { RunSettings } from '../../src/core/model/settings.ts';
import type { Ask } from './asks.ts';

/** What a worker does in one attempt. */
export const BEHAVIOURS = [
  'good',
  'mends',
  'asks',
  'asks-again',
  'silent',
  'broken',
  'api-fails',
  'limited',
  'no-login',
  'dies',
  'dies-after-its-turn',
  'hangs',
  'never-starts',
  'starts-late',
  'supervisor-lost',
] as const;
export type Behaviour = (typeof BEHAVIOURS)[number];

export const FAULTS = [
  'crash',
  'power-loss',
  'zombie',
  'fsync-fails',
  'slow-disk',
  'detach',
  'api-storm',
  'clock-jump',
  'freeze',
  'second-owner',
  'supervisor-lost',
  'supervisor-frozen',
  'cancel',
] as const;
export type FaultType = (typeof FAULTS)[number];

/** Something that goes wrong the `nth` time that a named point is reached. */
export interface Fault {
  readonly type: FaultType;
  readonly at: string;
  readonly nth: number;
  /** How long it lasts or how far the clock jumps, in milliseconds. */
  readonly ms: number;
}

/** How the project's check behaves. */
export interface CheckCase {
  /** It was only found in the repository. */
  readonly detected: boolean;
  /** It fails everywhere, as when what it needs is not installed. */
  readonly hopeless: boolean;
  /** Subtasks "a" and pairs "a+b" with which it fails until they are mended. */
  readonly breaks: readonly string[];
  /** Subtasks whose workers never mend. */
  readonly stubborn: readonly string[];
  /** How often the first run on a good tree fails, and how often it can't be started. */
  readonly flakiness: number;
  readonly trouble: number;
  /** Where it fails it writes files with which it passes. */
  readonly writes?: boolean;
}

/** Another run after the first: one of its checkpoints is restored, or the same plan is run again. */
export interface Sequel {
  readonly how: 'restore' | 'rerun';
  /** Which of the checkpoints, from 0 to 1. */
  readonly at: number;
  readonly faults: readonly Fault[];
  /** Pairs of subtasks whose results conflict from then on. */
  readonly clashes?: readonly string[];
  /** What is different in the plan that is run again. */
  readonly edits?: readonly { readonly subtask: string; readonly set: Partial<Subtask> }[];
  /** Settings that are others in that run. */
  readonly settings?: Partial<Pick<RunSettings, 'model' | 'checkCommands' | 'settingSources'>>;
  /** The person has committed something meanwhile. */
  readonly moved?: boolean;
  /** What the person asks of that run. */
  readonly asks?: readonly Ask[];
}

/** All that a simulation needs; the same case happens the same way again. */
export interface Case {
  /** Decides how long each thing takes, and with that the order of things. */
  readonly seed: number;
  readonly plan: Plan;
  /** What planner sessions do, one after the other; undefined: the plan comes from a file. */
  readonly planner?: readonly Behaviour[];
  readonly concurrency: number;
  readonly infrastructureRetries: number;
  readonly qualityIterations: number;
  /** Per subtask, one for each attempt; `good` after the last. */
  readonly behaviours: Readonly<Record<string, readonly Behaviour[]>>;
  /** Pairs of subtasks, "a+b", whose results conflict or are broken together. */
  readonly clashes: readonly string[];
  readonly spoils: readonly string[];
  /** The project's check; undefined: it has none. */
  readonly check?: CheckCase;
  readonly costUsd: number;
  readonly maxCostUsd: number;
  readonly maxTokens?: number;
  readonly maxMinutes?: number;
  /** Of one attempt. */
  readonly attemptMinutes?: number;
  /** What one turn of a worker takes of them. */
  readonly tokensATurn?: number;
  /** Of the machine, the same at any time. */
  readonly freeMemoryMb?: number | undefined;
  readonly faults: readonly Fault[];
  /** What the person asks of the run while it goes on. */
  readonly asks?: readonly Ask[];
  /** What is done once it has ended. */
  readonly sequel?: Sequel;
  /** Nothing waits for the disk's word, and no power is lost: what a process has written outlives it. */
  readonly relaxed?: boolean;
  /** Asking the person goes wrong. */
  readonly nobodyCanBeAsked?: boolean;
  /** The person does not approve the plan. */
  readonly refusesPlan?: boolean;
}
