import type { RestoredRun } from '../../src/core/checkpoints/restored-run.ts';
import type { ControlOrder } from '../../src/core/model/control.ts';
import type { RunState } from '../../src/core/model/run.ts';
import type { Invariant } from './broken.ts';
import type { Case } from './case.ts';
import type { Ledger } from './ledger.ts';
import type { Outages } from './outages.ts';
import type { SimulatedGit } from './repository.ts';
import type { WorkTime } from './work-time.ts';
import type { SimulatedMachine } from './workers.ts';
import type { Process } from './world.ts';

/** What a person said of a conflict. */
export interface ConflictAnswer {
  readonly answer: 'use' | 'give-up' | 'later';
  readonly by: Process;
}

/** What somebody asked, and when. */
export interface AskedRequest {
  readonly id: string;
  readonly at: number;
  readonly order: ControlOrder;
}

/** What the checks look at besides the journal. */
export interface Truth {
  readonly given: Case;
  /** The fold of what is on disk for good; undefined before the first record. */
  readonly state: RunState | undefined;
  readonly git: SimulatedGit;
  readonly machine: SimulatedMachine;
  /** What the run goes on from that was restored. */
  readonly restored: RestoredRun | undefined;
  /** Runs of the same repository that came before. */
  readonly earlier: readonly RunState[];
  /** The person has cancelled the run. */
  readonly cancelled: boolean;
  /** When the run's last owner had read the journal. */
  readonly openedAt: number;
  /** The same of each of them, by epoch. */
  readonly openings: ReadonlyMap<number, number>;
  /** Which owner has launched an attempt, by its epoch. */
  readonly launchers: ReadonlyMap<string, number>;
  /** When the wall clock has jumped the last time. */
  readonly jumpedAt: number;
  /** When attempts ended, by id: on the world's clock, and on the wall clock as the record says. */
  readonly endedAt: Map<string, { readonly now: number; readonly at: number }>;
  readonly outages: Outages;
  /** What follows from the events, apart from the fold. */
  readonly ledger: Ledger;
  /** How long attempts were in work. */
  readonly workTime: WorkTime;
  /** What the person said last of a subtask's conflict, and who asked. */
  readonly conflicts: ReadonlyMap<string, ConflictAnswer>;
  /** Attempts for which an archived session was not found again. */
  readonly forgotten: ReadonlySet<string>;
  /** What people have asked, and when. */
  readonly requests: readonly AskedRequest[];
  /** When the last owner opened the journal, or stood still for the last time. */
  readonly ownedSince: number;
  /** "order outcome" → how often. */
  readonly asked: Map<string, number>;
  now(): number;
  must(holds: boolean, invariant: Invariant, detail: string): void;
}
